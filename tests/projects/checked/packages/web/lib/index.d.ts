export { shout } from "@example/shout";
