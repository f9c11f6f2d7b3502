// What is used of Papa Parse: its own types bring Node's, which the core does not have.
declare module 'papaparse' {
  const Papa: {
    parse<Row>(
      text: string,
      config: {
        readonly delimiter: string;
        readonly step: (result: {
          readonly data: Row;
          readonly errors: readonly { readonly type: string; readonly message: string }[];
        }) => void;
      },
    ): void;
    unparse(table: { readonly fields: readonly string[]; readonly data: readonly (readonly unknown[])[] }): string;
  };
  export default Papa;
}
