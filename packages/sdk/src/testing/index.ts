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
