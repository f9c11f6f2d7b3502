// Rows of a Parquet file. inlinePackages.js puts the package in here, which trusts its files: what it would allocate is bounded here first.
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { inflate } from '../../formats/codecs/inflate.js';

export interface ParquetColumn {
  readonly name: string;
  /** 'INT64', 'BYTE_ARRAY' …; undefined for a struct or a list. */
  readonly type: string | undefined;
  readonly children: readonly string[];
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  /** What the writer noted. */
  readonly notes: ReadonlyMap<string, string>;
  /** Rows of each group. */
  readonly groups: readonly number[];
  /** The rows of a group: byte arrays as Uint8Array, whole numbers of 64 bits as bigint. */
  readGroup(group: number, columns: readonly string[]): Promise<Record<string, unknown>[]>;
}

/** Best ratio that a compression can reach. */
const bestRatios: Readonly<Record<string, number>> = { UNCOMPRESSED: 1, SNAPPY: 64, GZIP: 1032 };
/** Pages of one column of one group, decompressed. */
const MOST_BYTES = 2147483647;

/** Throws Errors that say what is wrong with the file. */
export function openParquet(bytes: Uint8Array): ParquetFile {
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  const columns = parquetSchema(metadata).children.map(({ element: { name, type }, children }) => ({
    name,
    type,
    children: children.map((child) => child.element.name),
  }));
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  // A row takes some bytes; a writer may say anything.
  if (groups.reduce((sum, rows) => sum + Math.max(0, rows), 0) > bytes.length || groups.some((rows) => rows < 0))
    throw new Error('more rows than bytes');
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number): ArrayBufferLike => bytes.slice(start, end).buffer,
  };
  return {
    columns,
    groups,
    notes: new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ''])),
    readGroup(group, columns) {
      const rowGroup = metadata.row_groups[group]!;
      for (const { meta_data: chunk } of rowGroup.columns) {
        if (!chunk) throw new Error('a column without its place');
        if (columns.includes(chunk.path_in_schema[0]!)) checkPages(bytes, chunk, groups[group]!);
      }
      const only = { ...metadata, row_groups: [rowGroup] };
      return parquetReadObjects({ file, metadata: only, columns, utf8: false, compressors: { GZIP: gunzip } });
    },
  };
}

type Chunk = NonNullable<
  Parameters<typeof parquetReadObjects>[0]['metadata']['row_groups'][0]['columns'][0]['meta_data']
>;

/** Throws unless each page lies in the column, could hold what it says, and all of them as many values as there are rows. */
function checkPages(bytes: Uint8Array, chunk: Chunk, rows: number): void {
  const bestRatio = bestRatios[chunk.codec];
  if (bestRatio === undefined) throw new Error(`compressed by ${chunk.codec}`);
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const length = Number(chunk.total_compressed_size);
  if (!(start >= 4 && length >= 0 && start + length <= bytes.length)) throw new Error('a column outside of the file');
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  const reader = { view, offset: 0 };
  let [values, total] = [0, 0];
  while (reader.offset < length) {
    const header = parquetHeader(reader);
    const { uncompressed_page_size: size, compressed_page_size: packed } = header;
    if (!(packed >= 0 && reader.offset + packed <= length && size >= 0 && size <= packed * bestRatio + 64))
      throw new Error('a page that cannot be as long as it says');
    reader.offset += packed;
    total += size;
    const page = header.data_page_header ?? header.data_page_header_v2;
    const count = page?.num_values ?? header.dictionary_page_header?.num_values ?? 0;
    if (!(count >= 0 && count <= (page ? rows - values : size))) throw new Error('a page of more values than rows');
    if (page) values += count;
  }
  if (total > MOST_BYTES) throw new Error('a group of rows of more than 2 GiB');
  if (values !== rows) throw new Error(`${values} values in ${rows} rows`);
}

/** One member without optional fields, as Parquet's writers make it. */
function gunzip(packed: Uint8Array, size: number): Uint8Array {
  if (packed.length < 18 || packed[0] !== 0x1f || packed[1] !== 0x8b || packed[3] !== 0)
    throw new Error('gzip data of another kind');
  const content = new Uint8Array(size);
  let used = 0;
  inflate(packed.subarray(10, -8), (piece) => {
    if (used + piece.length > size) throw new Error('a page longer than it says');
    content.set(piece, used);
    used += piece.length;
  });
  if (used !== size) throw new Error('a page shorter than it says');
  return content;
}
