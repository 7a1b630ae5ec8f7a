export { renderBrw } from "./render-brw.ts";
export type { BrwQuestion } from "./render-brw.ts";
export { makeRewriter } from "./rewriter.ts";
export type { HeaderWhere, Qualification, RewriteHost, Rewriter, Where } from "./types.ts";
