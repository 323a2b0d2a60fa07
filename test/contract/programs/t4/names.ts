/** What program t4 works on. */
export const A = "nqn.2024-01.io.x:a";
export const B = "nqn.2024-01.io.x:b";
export const hostid = "11111111-2222-3333-4444-555555555555";
export const hostnqn = `nqn.2014-08.org.nvmexpress:uuid:${hostid}`;
export const P = "ports/1";
export const ninth = `subsystems/${A}/namespaces/9`;
