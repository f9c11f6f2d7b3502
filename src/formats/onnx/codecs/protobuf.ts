// The fields of protobuf messages. inlinePackages.js puts the package in here.
export { PbfReader, PbfWriter } from 'pbf';
