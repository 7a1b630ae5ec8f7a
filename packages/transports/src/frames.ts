/**
 * Frames between a worker and its helpers: length (4), type (1), job number (4), payload. Job and report are JSON, headers
 * and body are octets. Pure: the reader takes pieces cut anywhere.
 */
export type FrameType = "hello" | "job" | "headers" | "body" | "end" | "report" | "call" | "answer";

export interface Frame {
  readonly type: FrameType;
  readonly id: number;
  readonly payload: Buffer;
}

const TYPES: readonly FrameType[] = ["hello", "job", "headers", "body", "end", "report", "call", "answer"];
const HEAD = 9;
/** An order with a long list of recipients is far below this. */
const LARGEST = 64 * 1024 * 1024;

export function encodeFrame(type: FrameType, id: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + payload.length);
  putHead(frame, 0, type, { id, length: payload.length });
  payload.copy(frame, HEAD);
  return frame;
}

export interface JobFrames {
  readonly job: unknown;
  /** A byte string. */
  readonly headers: string;
  /** The whole body with its end; undefined = it follows in frames of its own. */
  readonly body: Buffer | undefined;
}

/** A job in one buffer, for one write. */
export function encodeJob(id: number, { job, headers, body }: JobFrames): Buffer {
  const json = JSON.stringify(job);
  const jobLength = Buffer.byteLength(json);
  const frames = Buffer.allocUnsafe(2 * HEAD + jobLength + headers.length + (body === undefined ? 0 : 2 * HEAD + body.length));
  let at = putHead(frames, 0, "job", { id, length: jobLength });
  at += frames.write(json, at);
  at = putHead(frames, at, "headers", { id, length: headers.length });
  at += frames.write(headers, at, "latin1");
  if (body === undefined) return frames;
  at = putHead(frames, at, "body", { id, length: body.length });
  at += body.copy(frames, at);
  putHead(frames, at, "end", { id, length: 0 });
  return frames;
}

// oxlint-disable-next-line max-params
function putHead(frames: Buffer, at: number, type: FrameType, { id, length }: { readonly id: number; readonly length: number }): number {
  frames.writeUInt32BE(length, at);
  frames[at + 4] = TYPES.indexOf(type);
  frames.writeUInt32BE(id, at + 5);
  return at + HEAD;
}

export function encodeJson(type: FrameType, id: number, value: unknown): Buffer {
  return encodeFrame(type, id, Buffer.from(JSON.stringify(value)));
}

/** JSON and octets in one frame: length of the JSON (4), JSON, octets. */
export function encodeAnswer(id: number, answer: HelperAnswer): Buffer {
  const { octets, ...plain } = answer;
  const json = Buffer.from(JSON.stringify(plain));
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(json.length, 0);
  return encodeFrame("answer", id, Buffer.concat([head, json, ...(octets === undefined ? [] : [octets])]));
}

export function decodeAnswer(payload: Buffer): HelperAnswer {
  const length = payload.readUInt32BE(0);
  const plain = JSON.parse(payload.toString("utf8", 4, 4 + length)) as HelperAnswer;
  return { ...plain, octets: payload.subarray(4 + length) };
}

/** What a helper says to a call. */
export interface HelperAnswer {
  readonly value?: unknown;
  readonly octets?: Buffer;
  readonly error?: string;
}

export interface FrameReader {
  /** Frames that are whole now; undefined when the stream is not made of frames. */
  push(octets: Buffer): readonly Frame[] | undefined;
}

export function newFrameReader(): FrameReader {
  let pieces: Buffer[] = [];
  let have = 0;
  /** Octets of the frame that has begun; until then nothing is joined: a large frame comes in hundreds of pieces. */
  let wanted = HEAD;
  return {
    push(octets) {
      pieces.push(octets);
      have += octets.length;
      if (have < wanted) return [];
      let rest = pieces.length === 1 ? octets : Buffer.concat(pieces);
      const frames: Frame[] = [];
      wanted = HEAD;
      while (rest.length >= HEAD) {
        const length = rest.readUInt32BE(0);
        const type = TYPES[rest[4] as number];
        if (length > LARGEST || type === undefined) return undefined;
        wanted = HEAD + length;
        if (rest.length < wanted) break;
        frames.push({ type, id: rest.readUInt32BE(5), payload: rest.subarray(HEAD, wanted) });
        rest = rest.subarray(wanted);
        wanted = HEAD;
      }
      pieces = rest.length === 0 ? [] : [rest];
      have = rest.length;
      return frames;
    },
  };
}
