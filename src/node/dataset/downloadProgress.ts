// What a person sees of a download: a bar for each file on a terminal, a line for each file elsewhere.
import cliProgress from 'cli-progress';

export interface DownloadProgress {
  /** A file begins, or begins again; the result takes the bytes so far and the bytes in all, where these are known. */
  begin(name: string): (received: number, announced: number | undefined) => void;
  /** The file is complete, checked and on disk. */
  done(name: string, bytes: number): void;
  note(line: string): void;
  stop(): void;
}

/** A caller who takes the lines gets lines; else they go to stderr, with bars if that is a terminal. */
export function downloadProgress(
  log: ((line: string) => void) | undefined,
  terminal: NodeJS.WriteStream = process.stderr,
): DownloadProgress {
  if (log !== undefined) return lines(log);
  return terminal.isTTY ? bars(terminal) : lines((line) => terminal.write(`${line}\n`));
}

function lines(log: (line: string) => void): DownloadProgress {
  return {
    begin: () => () => undefined,
    done: (name, bytes) => log(`  ${name}: ${size(bytes)}`),
    note: log,
    stop: () => undefined,
  };
}

function bars(terminal: NodeJS.WriteStream): DownloadProgress {
  // The defaults of these two would leave a terminal that does not wrap after a Ctrl-C, and need two of them to stop the program.
  const options = { linewrap: true, gracefulExit: false };
  const format = '  {name} {bar} {percentage}%  {received}';
  const multiBar = new cliProgress.MultiBar(
    { ...options, stream: terminal, format, barsize: 30, autopadding: true },
    cliProgress.Presets.shades_classic,
  );
  const shown = new Map<string, cliProgress.SingleBar>();
  return {
    begin:
      (name) =>
      (received, announced = received + 1) => {
        const bar = shown.get(name) ?? multiBar.create(announced, 0, { name: name.padEnd(23), received: '' });
        shown.set(name, bar);
        bar.setTotal(announced);
        bar.update(received, { received: size(received) });
      },
    done: (name, bytes) => {
      shown.get(name)?.setTotal(bytes);
      shown.get(name)?.update(bytes);
    },
    note(line) {
      if (shown.size > 0) multiBar.log(`${line}\n`);
      else terminal.write(`${line}\n`);
    },
    stop() {
      if (shown.size === 0) return;
      multiBar.update();
      multiBar.stop();
    },
  };
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
