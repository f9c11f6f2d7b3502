// Writes what becomes of ONNX's own tests into docs/formats.md: ONNX_WHEEL=… node build/test/formats/onnx/writeConformance.js
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { conformance, sectionIn, sectionOf } from './conformanceTable.js';

const path = fileURLToPath(new URL('../../../../docs/formats.md', import.meta.url));
const page = readFileSync(path, 'utf8');
const section = sectionOf(await conformance());
writeFileSync(
  path,
  page.replace(sectionIn(page), () => section),
);
console.log(section);
