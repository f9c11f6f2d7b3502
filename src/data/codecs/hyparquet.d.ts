// What is used of hyparquet: its own types bring Node's, which the core does not have.
declare module 'hyparquet' {
  interface SchemaTree {
    readonly element: { readonly name: string; readonly type?: string };
    readonly children: readonly SchemaTree[];
  }
  interface ColumnChunk {
    readonly meta_data?: {
      readonly path_in_schema: readonly string[];
      readonly codec: string;
      readonly num_values: bigint;
      readonly total_compressed_size: bigint;
      readonly data_page_offset: bigint;
      readonly dictionary_page_offset?: bigint;
    };
  }
  interface FileMetaData {
    readonly row_groups: readonly { readonly columns: readonly ColumnChunk[]; readonly num_rows: bigint }[];
    readonly key_value_metadata?: readonly { readonly key: string; readonly value?: string }[];
  }
  export function parquetMetadata(bytes: Uint8Array, options: { readonly geoparquet: boolean }): FileMetaData;
  export function parquetSchema(metadata: FileMetaData): SchemaTree;
  export function parquetReadObjects(options: {
    readonly file: { readonly byteLength: number; slice(start: number, end?: number): ArrayBufferLike };
    readonly metadata: FileMetaData;
    readonly columns: readonly string[];
    readonly utf8: boolean;
    readonly compressors: Readonly<Record<string, (packed: Uint8Array, size: number) => Uint8Array>>;
  }): Promise<Record<string, unknown>[]>;
}
declare module 'hyparquet/src/column.js' {
  export function parquetHeader(reader: { readonly view: DataView; offset: number }): {
    readonly type?: string;
    readonly uncompressed_page_size: number;
    readonly compressed_page_size: number;
    readonly data_page_header?: { readonly num_values: number };
    readonly data_page_header_v2?: { readonly num_values: number; readonly num_nulls: number };
    readonly dictionary_page_header?: { readonly num_values: number };
  };
}
