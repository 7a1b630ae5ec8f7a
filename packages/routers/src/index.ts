export { makeRouterChain } from "./chain.ts";
export type { RouterChain } from "./chain.ts";
export { replyName } from "./children.ts";
export { checkRouters } from "./check-routers.ts";
export { genericRouterOptions } from "./generic-options.ts";
export type { GenericRouterOptions } from "./generic-options.ts";
export type { Routed } from "./passes.ts";
export { renderBt, renderBv } from "./render-bt.ts";
export { renderRoute } from "./render-route.ts";
export { deliveriesOf, walkTree } from "./tree.ts";
export type {
  Ancestor,
  DeliveryRouting,
  Inherited,
  RouteAccepted,
  RouteCopied,
  RouteDeferred,
  RouteDiscarded,
  RouteFailed,
  RouteIdentity,
  RouteNode,
  RouteRedirected,
  RouteRequest,
  RouteResult,
  RouterHost,
  RouteStep,
} from "./types.ts";
export { NOTHING_INHERITED } from "./types.ts";
export type { VerifyRouting } from "./verify.ts";
