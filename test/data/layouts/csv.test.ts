// CSV: pixels in rows, paths of pictures, headers, quotes, ends of lines, and what each bad row gets.
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal, refuses } from '../../node/refuses.js';
import { readLayout, type Files } from './memoryFolder.js';

const kaggle = 'label,pixel0,pixel1,pixel2,pixel3\n1,0,1,2,255\n0,9,8,7,6\n';

test("Kaggle's digits: test.csv and sample_submission.csv have no labels, and are left out", async () => {
  const { train, test, classNames } = await readLayout({
    'train.csv': kaggle,
    'test.csv': 'pixel0,pixel1,pixel2,pixel3\n0,1,2,255\n',
    'sample_submission.csv': 'ImageId,Label\n1,0\n',
  });
  assert.equal(
    [train.x.shape, [...train.x.data], [...train.y]],
    [
      [2, 2, 2, 1],
      [0, 1, 2, 255, 9, 8, 7, 6],
      [1, 0],
    ],
  );
  assert.equal([test, classNames], [null, null]);
});

test('with or without a header, a byte order mark, CRLF, quotes, tabs, semicolons, empty lines, an index', async () => {
  for (const text of [
    '1,0,1,2,255\n0,9,8,7,6',
    `\ufeff${kaggle}`,
    kaggle.replaceAll('\n', '\r\n'),
    kaggle.replaceAll(',', ';'),
    kaggle.replaceAll(',', '\t'),
    kaggle.replace(/\w+/g, '"$&"'),
    `${kaggle}\n\n`,
    `\n\n${kaggle.replaceAll(',', ';')}`,
    'pixel0,pixel1,pixel2,pixel3,label\n0,1,2,255,1\n9,8,7,6,0\n',
    ',label,1x1,1x2,2x1,2x2\n0,1,0,1,2,255\n1,0,9.0,8,7,6\n',
  ]) {
    const { train } = await readLayout({ 'digits.csv': text });
    assert.equal(
      [train.x.shape, [...train.x.data], [...train.y]],
      [
        [2, 2, 2, 1],
        [0, 1, 2, 255, 9, 8, 7, 6],
        [1, 0],
      ],
      text,
    );
  }
});

test('three values a pixel are RGB; words are classes, by their order', async () => {
  const header = `${Array.from({ length: 12 }, (_, i) => `pixel${i}`).join()},label\n`;
  const row = Array.from({ length: 12 }, (_, i) => 20 * i).join();
  const { train, classNames } = await readLayout({ 'a.csv': `${header}${row},owl\n${row},cat\n${row},owl\n` });
  assert.equal(
    [train.x.shape, [...train.y], classNames],
    [
      [3, 2, 2, 3],
      [1, 0, 1],
      ['cat', 'owl'],
    ],
  );
  assert.equal([...train.x.data.subarray(12, 24)], row.split(',').map(Number));
});

test('train, validation and test files, each by its name', async () => {
  const { train, validation, test } = await readLayout({
    'mnist_train.csv': kaggle,
    'mnist_val.csv': '7,1,1,1,1\n',
    'mnist_test.csv': kaggle,
  });
  assert.equal([train.y.length, validation?.y.length, test?.y.length, [...validation!.y]], [2, 1, 2, [7]]);
});

const png = (width: number, height: number, channels: 1 | 3, value: number): Uint8Array =>
  encode({ width, height, channels, data: new Uint8Array(width * height * channels).fill(value) });

test('with skipBroken rows of pixels that cannot be read are left out, and listed', async () => {
  const csv = 'label,p0,p1,p2,p3\n1,1,2,3,4\n0,5,6,256,8\n,1,1,1,1\n0,9,9\n0,5,6,7,8\n';
  const { train, skipped, notes } = await readLayout({ 'a.csv': csv }, null, { skipBroken: true });
  assert.equal(
    [[...train.x.data], [...train.y]],
    [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 0],
    ],
  );
  assert.equal(skipped, [
    'folder/a.csv: row 3, pixel 2 is "256", but pixels are whole numbers of 0 to 255; write them so',
    'folder/a.csv: row 4 has no label; complete or remove it',
    'folder/a.csv: row 5 has 3 cells, but the first has 5; complete or remove it',
  ]);
  assert.equal(notes, ['3 broken rows left out']);
  await refuses(
    readLayout({ 'a.csv': 'label,p0,p1,p2,p3\n1,1\n' }, null, { skipBroken: true }),
    'folder/a.csv: none of its 1 rows can be read; the first says: folder/a.csv: row 2 has 2 cells, but the first has 5; complete or remove it',
  );
});

test('paths from the folder of the CSV; groups', async () => {
  const files: Files = {
    'labels.csv': 'image,label,person\nimages/a.png,cat,ann\nimages\\sub/b.png,dog,bob\n./c.png,cat,ann\n',
    'images/a.png': png(3, 2, 1, 5),
    'images/sub/b.png': png(3, 2, 1, 6),
    'c.png': png(3, 2, 1, 7),
  };
  const { train, classNames, groups, notes } = await readLayout(files);
  assert.equal(
    [train.x.shape, [...train.y], classNames],
    [
      [3, 2, 3, 1],
      [0, 1, 0],
      ['cat', 'dog'],
    ],
  );
  assert.equal(
    [0, 6, 12].map((at) => train.x.data[at]),
    [5, 6, 7],
  );
  assert.equal([groups, notes], [['ann', 'bob', 'ann'], []]);
  const broken = `${files['labels.csv'] as string}../x.png,dog,bob\nc.png,\nhello.jpg,cat,cy\nimages/a.png,dog\nnone.png,owl,ann\n`;
  const rest = await readLayout({ ...files, 'labels.csv': broken, 'hello.jpg': 'hello' }, null, { skipBroken: true });
  assert.equal([rest.train.x.data, [...rest.train.y], rest.groups], [train.x.data, [0, 1, 0], groups]);
  assert.equal(rest.skipped, [
    'folder/labels.csv: row 6 has 2 cells, but the first has 3; complete or remove it',
    'folder/labels.csv: row 8 has 2 cells, but the first has 3; complete or remove it',
    'folder/labels.csv: row 5: "../x.png" leads out of the folder of the CSV; put the CSV above its pictures',
    'folder/labels.csv: row 7: hello.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these',
    'folder/labels.csv: row 9: there is no none.png; check the path',
  ]);
  assert.equal(rest.notes, ['3 broken pictures left out', '2 broken rows left out']);
  await refuses(
    readLayout({ 'a.csv': 'label,path\ncat,a.jpg\n', 'a.jpg': 'hello' }, null, { skipBroken: true }),
    'folder: none of its 1 pictures can be read; the first says: folder/a.csv: row 2: a.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these',
  );
  const plain = await readLayout({
    'a.jfif': png(3, 2, 1, 5),
    'c.png': png(3, 2, 1, 7),
    'labels.csv': 'cat,a.jfif\ndog,c.png\n',
  });
  assert.equal(
    [[...plain.train.y], plain.classNames],
    [
      [0, 1],
      ['cat', 'dog'],
    ],
  );
});

test('pictures come to the size that half of them have, or to their medians; colors where one has any', async () => {
  const sized = async (...sizes: (readonly [number, number, 1 | 3])[]): Promise<unknown> => {
    const pictures = sizes.map(
      ([width, height, channels], i) => [`${i}.png`, png(width, height, channels, 9)] as const,
    );
    const rows = sizes.map((_, i) => `${i}.png,${i % 2}`).join('\n');
    const { train, notes } = await readLayout({ ...Object.fromEntries(pictures), 'list.csv': rows });
    return [train.x.shape.slice(1), notes];
  };
  assert.equal(await sized([4, 2, 1], [4, 2, 3]), [[2, 4, 3], []]);
  assert.equal(await sized([4, 2, 1], [4, 2, 1], [40, 20, 1]), [
    [2, 4, 1],
    ['1 picture of another size scaled to 2 × 4'],
  ]);
  assert.equal(await sized([4, 2, 1], [6, 3, 1], [500, 300, 1]), [
    [3, 6, 1],
    ['pictures of many sizes scaled to 3 × 6'],
  ]);
  assert.equal(await sized([400, 200, 3], [401, 300, 3], [402, 301, 3]), [
    [128, 128, 3],
    ['pictures of many sizes scaled to 128 × 128'],
  ]);
});

const bad: [string, Files, string][] = [
  [
    'a row too short',
    { 'a.csv': 'label,pixel0,pixel1,pixel2,pixel3\n1,0,1,2,3\n\n1,0,1\n' },
    'folder/a.csv: row 4 has 3 cells, but the first has 5; complete or remove it',
  ],
  [
    'a pixel that is no byte',
    { 'a.csv': `${kaggle}1,0,256,2,3\n` },
    'folder/a.csv: row 4, pixel 1 is "256", but pixels are whole numbers of 0 to 255; write them so',
  ],
  [
    'an empty cell in the first row, without a header',
    { 'a.csv': '1,0,,2,3\n0,1,2,3,4\n' },
    'folder/a.csv: row 1, pixel 1 is "", but pixels are whole numbers of 0 to 255; write them so',
  ],
  [
    'an empty cell',
    { 'a.csv': `${kaggle}1,0,,2,3\n` },
    'folder/a.csv: row 4, pixel 1 is "", but pixels are whole numbers of 0 to 255; write them so',
  ],
  ['no label', { 'a.csv': `${kaggle},0,1,2,3\n` }, 'folder/a.csv: row 4 has no label; complete or remove it'],
  [
    'an open quote',
    { 'a.csv': 'label,path\n"cat,a.png\ndog,b.png\n' },
    'folder/a.csv: row 2 has 1 cells, but the first has 2; complete or remove it',
  ],
  ['no rows', { 'a.csv': 'label,path\n' }, 'folder/a.csv: has no rows of images; add some'],
  [
    'no square',
    { 'a.csv': 'label,pixel0,pixel1\n1,2,3\n' },
    'folder/a.csv: has 2 pixels a row, which are no square of gray or RGB; write them as a square',
  ],
  [
    'no such picture',
    { 'a.csv': 'label,path\ncat,images/a.png\n', 'images/b.png': png(1, 1, 1, 1) },
    'folder/a.csv: row 2: there is no images/a.png; check the path, or leave it out with skipBroken (--skip-broken)',
  ],
  [
    'a path that leads out',
    { 'a.csv': 'label,path\ncat,../a.png\n' },
    'folder/a.csv: row 2: "../a.png" leads out of the folder of the CSV; put the CSV above its pictures',
  ],
  [
    'a whole path',
    { 'a.csv': 'label,path\ncat,/etc/passwd\n' },
    'folder/a.csv: row 2: "/etc/passwd" leads out of the folder of the CSV; put the CSV above its pictures',
  ],
  [
    'a picture that is text',
    { 'a.csv': 'label,path\ncat,a.jpg\n', 'a.jpg': 'hello' },
    'folder/a.csv: row 2: a.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these, or leave it out with skipBroken (--skip-broken)',
  ],
  [
    'labels that are values',
    { 'a.csv': 'label,pixel0\n2,0\n0.5,1\n1e3,2\n' },
    'folder/a.csv: has the label 0.5, a fraction, but labels are classes; number the classes from 0 or name them, or train on values with model.fit()',
  ],
  [
    'a name that terminals obey',
    { 'a.csv': 'label,path\n\u001b[2J,a.png\n' },
    'folder/a.csv: the label "\\u001b[2J" is no name of 1 to 60 characters; write a shorter one',
  ],
];
for (const [name, files, sentence] of bad) test(name, () => refuses(readLayout(files), sentence));

test('a CSV of other things is not a data set', async () => {
  for (const text of ['a,b\n1,2\n', 'label,price\n1,2\n', '1,2,3\n', ''])
    assert.match(
      await refusal(readLayout({ 'a.csv': text })),
      'folder: holds no data set that is known, but the file a.csv; looked for',
    );
});

test.run();
