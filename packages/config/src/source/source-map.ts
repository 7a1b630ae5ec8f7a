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

export function sourceMap(pieces: readonly MappedPiece[]): SourceMap {
  return {
    at: (offset) => {
      const piece = pieceAt(pieces, offset);
      return { file: piece.file, line: piece.line, column: piece.column + (piece.advances ? offset - piece.start : 0) };
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

/** The pieces after `removed` characters at `offset` gave way to `inserted` ones (macro substitution). */
export function splice(pieces: readonly Piece[], offset: number, removed: number, inserted: number): readonly Piece[] {
  const before = pieces.filter((piece) => piece.start < offset);
  const from = pieceAt(pieces, offset);
  const to = pieceAt(pieces, offset + removed);
  const column = from.column + (from.advances ? offset - from.start : 0);
  const result = [...before];
  if (inserted > 0) result.push({ start: offset, column, advances: false, width: from.advances ? removed : from.width });
  const resume = offset + removed;
  result.push({ ...to, start: offset + inserted, column: to.column + (to.advances ? resume - to.start : 0) });
  for (const piece of pieces) if (piece.start > resume) result.push({ ...piece, start: piece.start + inserted - removed });
  return result;
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
