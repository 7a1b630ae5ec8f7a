/**
 * Where each character of a logical line comes from. A map is a list of pieces; inside a piece the column advances
 * with the offset, except in text that a macro put there: that belongs, as a whole, to the macro's name in the file.
 * Pure data, no I/O.
 */
import type { Position } from "@mailkit/sdk";

/** A run of characters of one physical line. */
export interface Piece {
  /** Offset of its first character in the text. */
  readonly start: number;
  /** Column of that character in the physical line, from 1. */
  readonly column: number;
  /** False in the text of a macro: every character stands for the macro's name. */
  readonly advances: boolean;
  /** How many characters of the file a macro's text stands for. */
  readonly width: number;
}

export interface MappedPiece extends Piece {
  readonly file: string;
  readonly line: number;
}

export interface SourceMap {
  /** Position of the character at `offset`; past the end gives the place after the last one. */
  at(offset: number): Position;
  /** How many characters of the file stand behind `length` characters from `offset`. */
  width(offset: number, length: number): number;
}

/** The map of a line of a file. */
export interface FileMap extends SourceMap {
  /** The physical lines that the text comes from, in order. */
  lines(): readonly Position[];
}

export function sourceMap(pieces: readonly MappedPiece[]): FileMap {
  return {
    at: (offset) => {
      const piece = pieceAt(pieces, offset);
      return { file: piece.file, line: piece.line, column: columnAt(piece, offset) };
    },
    lines: () => {
      const places: Position[] = [];
      for (const { file, line, column } of pieces) {
        const last = places.at(-1);
        if (last?.line !== line || last.file !== file) places.push({ file, line, column });
      }
      return places;
    },
    width: (offset, length) => {
      const first = pieceAt(pieces, offset);
      if (!first.advances) return first.width;
      const last = pieceAt(pieces, offset + Math.max(0, length - 1));
      if (last.line !== first.line || last.file !== first.file) return Math.max(1, endOf(pieces, first) - offset);
      const end = last.column + (last.advances ? offset + length - last.start : last.width);
      return Math.max(1, end - (first.column + offset - first.start));
    },
  };
}

/** The pieces after `removed` characters at each of `offsets` (ascending) gave way to `inserted` ones (macro substitution). */
export function splice(pieces: readonly Piece[], offsets: readonly number[], removed: number, inserted: number): readonly Piece[] {
  const result: Piece[] = [];
  let next = 0;
  let shift = 0;
  let resume = 0;
  for (const offset of offsets) {
    next = copyPieces(pieces, next, { from: resume, to: offset, shift }, result);
    const from = pieceAt(pieces, offset);
    const width = from.advances ? removed : from.width;
    if (inserted > 0) result.push({ start: offset + shift, column: columnAt(from, offset), advances: false, width });
    shift += inserted - removed;
    resume = offset + removed;
  }
  copyPieces(pieces, next, { from: resume, to: Number.POSITIVE_INFINITY, shift }, result);
  return result;
}

/** Adds what of `pieces` lies in a range, moved by `shift`; pieces before the index `first` end before it. Returns the next index. */
function copyPieces(
  pieces: readonly Piece[],
  first: number,
  { from, to, shift }: { readonly from: number; readonly to: number; readonly shift: number },
  result: Piece[],
): number {
  let i = first;
  while ((pieces[i + 1]?.start ?? Number.POSITIVE_INFINITY) <= from) i++;
  for (let j = i; from < to && j < pieces.length; j++) {
    const piece = pieces[j] as Piece;
    if (piece.start >= to) break;
    const start = Math.max(from, piece.start);
    result.push({ ...piece, start: start + shift, column: columnAt(piece, start) });
    i = j;
  }
  return i;
}

function columnAt(piece: Piece, offset: number): number {
  return piece.column + (piece.advances ? offset - piece.start : 0);
}

function pieceAt<P extends Piece>(pieces: readonly P[], offset: number): P {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle] as P).start <= offset) low = middle;
    else high = middle - 1;
  }
  return pieces[low] as P;
}

function endOf(pieces: readonly MappedPiece[], piece: MappedPiece): number {
  const next = pieces[pieces.indexOf(piece) + 1];
  return next === undefined ? Number.MAX_SAFE_INTEGER : next.start;
}
