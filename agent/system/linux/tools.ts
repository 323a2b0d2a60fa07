/** The environment of the programs that the agent runs. */
export type Environment = Readonly<Record<string, string>>;

/** Where system programs lie; a shell of a service often lacks the sbin folders. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** For programs whose messages are parsed. */
export function untranslated(environment: Environment): Environment {
  return { ...environment, LC_ALL: "C", LANGUAGE: "C" };
}
