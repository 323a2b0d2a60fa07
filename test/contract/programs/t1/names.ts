/** What program t1 works on, below /sys/kernel/config/nvmet. */
export const S = "subsystems/nqn.2024-01.io.x:a";
export const namespace = `${S}/namespaces/1`;
export const H = "hosts/nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
export const P = "ports/1";
export const P2 = "ports/2";
