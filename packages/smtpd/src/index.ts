export * as placeholder from "./session.ts";
