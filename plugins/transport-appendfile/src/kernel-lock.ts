/**
 * fcntl and flock locks on a mailbox. Node has neither, so one long-lived perl process for each of ours takes them (about
 * 0.1 ms a lock, after a first start of some milliseconds). Where there is no perl only the lock file protects: then
 * `available` is false, and a transport without use_lockfile must defer.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { octetsOf } from "@mailkit/sdk";

/** Reads `lock KINDS PATH` and `free PATH` (hex), answers `1` or `0`. Struct flock of Linux on 64 bits. */
const PROGRAM = `
use Fcntl qw(:DEFAULT :flock); $| = 1; my %held;
while (<STDIN>) { chomp; my ($verb, $kinds, $hex) = split / /; my $path = pack("H*", $hex);
  if ($verb eq "free") { delete $held{$path}; print "1\\n"; next; }
  my $ok = open(my $file, "+<", $path);
  if ($ok && $kinds =~ /c/) { my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); $ok = fcntl($file, F_SETLK, $lock); }
  if ($ok && $kinds =~ /f/) { $ok = flock($file, LOCK_EX | LOCK_NB); }
  $held{$path} = $file if $ok; print $ok ? "1\\n" : "0\\n"; }
`;

export interface KernelLocks {
  /** False when there is no helper to ask. */
  available(): Promise<boolean>;
  /** Tries once, without waiting. */
  take(path: string, kinds: { fcntl: boolean; flock: boolean }): Promise<boolean>;
  free(path: string): Promise<void>;
  close(): void;
}

export function newKernelLocks(command = "perl"): KernelLocks {
  let helper: ChildProcessByStdio<Writable, Readable, null> | undefined;
  let broken = process.platform !== "linux";
  let waiting: ((answer: boolean | undefined) => void)[] = [];
  const fail = (): void => {
    broken = true;
    helper = undefined;
    const left = waiting;
    waiting = [];
    for (const resolve of left) resolve(undefined);
  };
  const start = (): ChildProcessByStdio<Writable, Readable, null> => {
    const child = spawn(command, ["-e", PROGRAM], { stdio: ["pipe", "pipe", "ignore"], env: { PATH: "/usr/bin:/bin" } });
    child.on("error", fail);
    child.on("exit", fail);
    child.stdin.on("error", fail);
    child.stdout.on("data", (octets: Buffer) => {
      for (const octet of octets) if (octet !== 10) waiting.shift()?.(octet === 49);
    });
    // The helper ends with us (end of its input); it must not keep us alive.
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    (child.stdout as unknown as { unref?: () => void }).unref?.();
    return child;
  };
  const ask = (line: string): Promise<boolean | undefined> => {
    if (broken) return Promise.resolve(undefined);
    helper ??= start();
    // A socket that is not referenced would let the process end while an answer is awaited.
    const stdout = helper.stdout as unknown as { ref?: () => void; unref?: () => void };
    stdout.ref?.();
    return new Promise((resolve) => {
      waiting.push((answer) => {
        if (waiting.length === 0) stdout.unref?.();
        resolve(answer);
      });
      helper?.stdin.write(line + "\n");
    });
  };
  const hex = (path: string): string => octetsOf(path).toString("hex");
  return {
    available: async () => (await ask("free - 00")) !== undefined,
    take: async (path, kinds) => (await ask(`lock ${kinds.fcntl ? "c" : ""}${kinds.flock ? "f" : ""} ${hex(path)}`)) === true,
    free: async (path) => void (await ask(`free - ${hex(path)}`)),
    close: () => helper?.stdin.end(),
  };
}
