import test from "ava";
import { routerCompliance } from "@mailkit/sdk/testing";
import { driver } from "./index.ts";

routerCompliance(test, driver, [
  { title: "any address", options: {}, expect: "ok" },
  { title: "an address without a domain", options: {}, address: "fred", expect: "ok" },
]);
