/** What strace wrote (`-f -y -qq -s N`): system calls in the order in which they began and ended. */
export interface Call {
  readonly name: string;
  /** Path of the first argument's descriptor, or "". */
  readonly path: string;
  /** Arguments as printed. */
  readonly text: string;
  /** Numbers of lines: of the beginning, and of the end. */
  readonly began: number;
  readonly ended: number;
  readonly result: string;
}

const WHOLE = /^(\d+)\s+(\w+)\((.*)\)\s+= (\S+)/;
const BEGUN = /^(\d+)\s+(\w+)\((.*)\s<unfinished \.\.\.>$/;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)\)\s+= (\S+)/;

export function readCalls(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly name: string; readonly text: string; readonly began: number }>();
  for (const [at, line] of trace.split("\n").entries()) {
    const whole = WHOLE.exec(line);
    const begun = BEGUN.exec(line);
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      const begin = open.get(resumed[1] as string);
      if (begin !== undefined) calls.push(callOf({ ...begin, text: begin.text + (resumed[3] as string) }, at, resumed[4] as string));
      open.delete(resumed[1] as string);
    } else if (begun !== null) {
      open.set(begun[1] as string, { name: begun[2] as string, text: begun[3] as string, began: at });
    } else if (whole !== null) {
      calls.push(callOf({ name: whole[2] as string, text: whole[3] as string, began: at }, at, whole[4] as string));
    }
  }
  return calls.sort((a, b) => a.began - b.began);
}

function callOf(begin: { readonly name: string; readonly text: string; readonly began: number }, ended: number, result: string): Call {
  return { ...begin, path: /^\d+<([^>]*)>/.exec(begin.text)?.[1] ?? "", ended, result };
}
