export {
  fakeBody,
  fakeJob,
  fakeMessage,
  fakeRecipient,
  fakeScope,
  fakeTemplate,
  fakeTransportServices,
  localJobOf,
  optionValues,
} from "./transport-fakes.ts";
export type { SuiteAssertions, SuiteLimits, SuiteTest, TransportFixture } from "./transport-suite.ts";
export { transportCompliance } from "./transport-suite.ts";
export type { LookupFixture } from "./lookup-suite.ts";
export { lookupCompliance } from "./lookup-suite.ts";
export type { FakeFile, FakeWorld } from "./router-fakes.ts";
export {
  FAKE_ACCOUNTS,
  fakeAccounts,
  fakeFiles,
  fakeHosts,
  fakeRouterAddress,
  fakeRouterServices,
  routerOptionValues,
  textList,
  textTemplate,
} from "./router-fakes.ts";
export type { RouterFixture } from "./router-suite.ts";
export { outcomeFault, routerCompliance } from "./router-suite.ts";
