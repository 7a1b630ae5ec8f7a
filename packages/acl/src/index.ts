export { checkAcls } from "./check.ts";
export type { AclCheck } from "./check.ts";
export { compileAcls } from "./compile.ts";
export type { AclCompilers, AclSet, AclSources } from "./compile.ts";
export { CONTROL_NAMES, parseControl } from "./controls.ts";
export type { AclControl, SimpleControl } from "./controls.ts";
export { HOOKS, hookName, hookOption, mayDiscard, receivesMessage, unsetResult } from "./hooks.ts";
export type { AclHook } from "./hooks.ts";
export { splitCode } from "./reply-code.ts";
export type { CodedMessage } from "./reply-code.ts";
export type {
  AclAnswerKind,
  AclContext,
  AclEffects,
  AclHost,
  AclLogLine,
  AclRequest,
  AclVerdict,
  LogName,
  SenderFailure,
} from "./types.ts";
