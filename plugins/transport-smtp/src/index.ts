export { closeSessions, driver } from "./driver.ts";
