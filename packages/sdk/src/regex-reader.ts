/** Where the reader of a regular expression stands. */

export interface RegexFault {
  readonly message: string;
  readonly offset: number;
}

export interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
  readonly x: boolean;
}

export interface Reader {
  readonly source: string;
  at: number;
  groups: number;
  readonly names: Map<string, number>;
  fault: RegexFault | undefined;
  depth: number;
}

/** The first fault wins; the reader goes to the end, so that every loop stops. */
export function refuse(reader: Reader, message: string, offset = reader.at): void {
  reader.fault ??= { message, offset };
  reader.at = reader.source.length;
}
