/** `pnpm ok`: the same gates and tests as `npm test`. */
await import("./test.ts");
