/** The panel's menu and the plugin's commands: what people do often, without typing. Ids are those of manifest.json. */

import type { Actions } from "../../shared/src/app/state.ts";

export const MENU = [
  { id: "edit", label: "Edit selection" },
  { id: "remove", label: "Remove" },
  { id: "again", label: "Again" },
  { id: "undo", label: "Undo last" },
  { id: "history", label: "History" },
] as const;

export type MenuId = (typeof MENU)[number]["id"];

/** Commands that can have a keyboard shortcut of their own in Photoshop. */
export const COMMANDS = ["remove", "again", "undo"] as const satisfies readonly MenuId[];

export function perform(actions: Actions, id: MenuId): Promise<void> {
  switch (id) {
    case "edit":
      actions.go("edit");
      return Promise.resolve();
    case "remove":
      actions.go("edit");
      return actions.run("remove this");
    case "again":
      return actions.again();
    case "undo":
      return actions.undo();
    case "history":
      actions.go("history");
      return actions.refreshHistory();
  }
}

export function isMenuId(id: string): id is MenuId {
  return MENU.some((item) => item.id === id);
}
