// What files' names say: which of them are parts of one data set.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { familyOf } from '../../../src/data/layouts/names.js';

test('parts and shards of one data set are of one family', () => {
  for (const names of [
    ['train.csv', 'test.csv', 'val.csv'],
    ['mnist_train.csv', 'mnist_test.csv'],
    ['data_batch_1.bin', 'data_batch_5.bin', 'test_batch.bin'],
    ['train-00000-of-00002.parquet', 'train-00001-of-00002.parquet', 'test-00000-of-00001.parquet'],
    ['0000.parquet', '0001.parquet'],
    ['x_train.npy', 'y_train.npy', 'x_test.npy'],
    ['kmnist-train-imgs.npz', 'kmnist-test-labels.npz'],
    ['train1.npz', 'train2.npz'],
  ])
    assert.is(new Set(names.map(familyOf)).size, 1, names.join());
});

test('names that differ in a number alone are data sets of their own', () => {
  for (const names of [
    ['labels.csv', 'labels2.csv'],
    ['set-v1.csv', 'set-v2.csv'],
    ['cifar10.npz', 'cifar100.npz'],
  ])
    assert.is(new Set(names.map(familyOf)).size, names.length, names.join());
});

test.run();
