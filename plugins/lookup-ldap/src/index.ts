export { quoteDn, quoteFilter } from "./quote.ts";
