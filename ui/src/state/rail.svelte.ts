/**
 * Whether the rail is narrow.
 * Never: anything about what is in it.
 */
import { remembered } from "./remember";

const kept = remembered("rail");
let collapsed = $state(kept.read() === "narrow");

export const rail = {
  get collapsed(): boolean {
    return collapsed;
  },
};

export function toggleRail(): void {
  collapsed = !collapsed;
  kept.write(collapsed ? "narrow" : "wide");
}
