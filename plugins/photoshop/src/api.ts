/**
 * What the plugin uses of Photoshop and UXP, taken from the official typings by name: an object that is not there, or
 * is another there, does not compile. The real modules and the tests' stand-in both fit these types.
 */

import type { imaging as ImagingModule } from "photoshop/dom/ImagingModule";
import type { ExecutionContext, photoshopAction, photoshopCore } from "photoshop/dom/CoreModules";
import type {
  BitsPerChannelType,
  BlendMode,
  ColorProfileType,
  DocumentMode,
  ElementPlacement,
  AnchorPosition,
  Justification,
  LayerKind,
  ResampleMethod,
} from "photoshop/dom/Constants";
import type { Document } from "photoshop/dom/Document";
import type { HistoryState } from "photoshop/dom/HistoryState";
import type { Layer } from "photoshop/dom/Layer";
import type { Bounds } from "photoshop/dom/objects/Bounds";
import type { TextFont } from "photoshop/dom/objects/TextFont";
import type { CharacterStyle } from "photoshop/dom/text/CharacterStyle";
import type { ParagraphStyle } from "photoshop/dom/text/ParagraphStyle";
import type { PixelLayerCreateOptions, TextLayerCreateOptions } from "photoshop/dom/types/LayerTypes";

export type Edges = Pick<Bounds, "left" | "top" | "right" | "bottom">;
export type ImageData = ImagingModule.PhotoshopImageData;

/** Photoshop's collections: array-likes of its own. Read them with `Array.from`. */
export interface List<T> {
  readonly length: number;
  readonly [index: number]: T;
}

export interface PsLayer
  extends
    Pick<Layer, "id" | "isBackgroundLayer" | "allLocked" | "positionLocked" | "translate" | "delete">,
    Pick<Layer, "isClippingMask" | "opacity" | "visible" | "name"> {
  readonly kind: `${LayerKind}`;
  blendMode: `${BlendMode}`;
  readonly boundsNoEffects: Edges;
  readonly parent: PsLayer | null;
  readonly layers: List<PsLayer> | null;
  readonly textItem: {
    readonly characterStyle: Pick<CharacterStyle, "size" | "leading" | "useAutoLeading">;
    readonly paragraphStyle: { justification: ParagraphStyle["justification"] | `${Justification}` };
  };
  move(relativeTo: PsLayer, where: `${ElementPlacement}`): void;
}

/** A colour that a text layer takes; made by `new app.SolidColor()`. */
export interface PsColor {
  readonly rgb: { red: number; green: number; blue: number };
}

export interface PsDocument extends Pick<
  Document,
  "id" | "title" | "path" | "cloudDocument" | "width" | "height" | "colorProfileName" | "closeWithoutSaving"
> {
  readonly mode: `${DocumentMode}`;
  readonly bitsPerChannel: `${BitsPerChannelType}`;
  readonly colorProfileType: `${ColorProfileType}`;
  readonly layers: List<PsLayer>;
  readonly activeLayers: List<PsLayer>;
  readonly activeHistoryState: Pick<HistoryState, "id">;
  readonly selection: { readonly bounds: Edges | null };
  createPixelLayer(options?: Pick<PixelLayerCreateOptions, "name">): Promise<PsLayer | null>;
  createTextLayer(
    options?: Omit<Pick<TextLayerCreateOptions, "name" | "contents" | "position" | "fontSize" | "fontName">, never> & {
      textColor?: PsColor;
    },
  ): Promise<PsLayer | null>;
  /** `fromLayers` are `PsLayer`s; the typings' class with private members cannot be named structurally. */
  createLayerGroup(options?: { name?: string; fromLayers?: unknown }): Promise<PsLayer | null>;
  resizeCanvas(width: number, height: number, anchor?: `${AnchorPosition}`): Promise<void>;
  resizeImage(
    width?: number,
    height?: number,
    resolution?: number,
    resampleMethod?: `${ResampleMethod}`,
  ): Promise<void>;
}

export interface PsApp {
  readonly documents: List<PsDocument>;
  /** Null without an open document, whatever the typings say. */
  readonly activeDocument: PsDocument | null;
  readonly fonts: List<Pick<TextFont, "family" | "style" | "postScriptName">>;
  readonly SolidColor: new () => PsColor;
  /** A file of UXP's storage, opened as a document. */
  open(file: never): Promise<PsDocument>;
}

/** The part of a modal scope that is used. */
export interface ModalScope {
  readonly isCancelled: boolean;
  readonly hostControl: {
    suspendHistory(options: { name: string; documentID: number }): Promise<Suspension>;
    resumeHistory(suspension: Suspension, commit?: boolean): Promise<void>;
    registerAutoCloseDocument(documentID: number): Promise<void>;
  };
}

/** What `suspendHistory` gave; only handed back. */
export type Suspension = Awaited<ReturnType<ExecutionContext["hostControl"]["suspendHistory"]>>;

export interface Photoshop {
  readonly app: PsApp;
  readonly core: {
    executeAsModal<T>(run: (scope: ModalScope) => Promise<T>, options: { commandName: string }): Promise<T>;
    showAlert: typeof photoshopCore.showAlert;
  };
  readonly action: Pick<typeof photoshopAction, "batchPlay" | "addNotificationListener" | "removeNotificationListener">;
  readonly imaging: Pick<
    typeof ImagingModule,
    | "getPixels"
    | "putPixels"
    | "getLayerMask"
    | "putLayerMask"
    | "getSelection"
    | "createImageDataFromBuffer"
    | "encodeImageData"
  >;
}

/** UXP's own storage for texts. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A file that a person chose. */
export interface ChosenFile {
  readonly name: string;
}

export interface Uxp {
  readonly version: string;
  readonly localStorage: TextStorage;
  /** Encrypted on the disk, and for this plugin alone. Only what UXP keeps for certain is also here: tokens. */
  readonly secureStorage: {
    getItem(key: string): Promise<Uint8Array | null | undefined>;
    setItem(key: string, value: string): Promise<void>;
    removeItem(key: string): Promise<void>;
  };
  openExternal(url: string): Promise<unknown>;
  /** Asks for pictures; empty when the person chose none. */
  chooseFiles(): Promise<readonly ChosenFile[]>;
}
