import * as z from "zod";

/** What JSON can say. Numbers are finite. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonRecord = { [name: string]: Json };

export function isJson(value: unknown): value is Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || (Array.isArray(value) ? value.every(isJson) : isJsonRecord(value));
    default:
      return false;
  }
}

export function isJsonRecord(value: unknown): value is JsonRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}

/** One walk by hand: a recursive zod union tries every branch at every value, and this is on the path of every order. */
export const Json = z.custom<Json>(isJson, "not a JSON value");
export const JsonRecord = z.custom<JsonRecord>(isJsonRecord, "not a JSON object");

/** A value as it is after a journey: members that are undefined are gone, whatever writes itself has been written. */
export function toJson(value: object): Json {
  return Json.parse(JSON.parse(JSON.stringify(value)));
}
