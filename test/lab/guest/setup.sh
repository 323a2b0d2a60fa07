# Makes a machine of the root that init.sh laid: name, ids, devices, addresses.
. /run/lab/machine.env
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail() {
  echo "lab: cannot $1"
  /run/busybox poweroff -f
}

# Runs the words until they succeed, ten seconds long.
await() {
  for _ in $(/run/busybox seq 100); do
    "$@" && return
    sleep 0.1
  done
  fail "see: $*"
}

/run/busybox hostname "$LAB_NAME"
echo "$LAB_NAME" > /etc/hostname
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$LAB_NAME" > /etc/hosts
echo "$LAB_MACHINE_ID" > /etc/machine-id
mkdir -p /etc/nvme /dev/pts /dev/shm /run/lock
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr

modprobe -a virtio_console virtio_net virtio_rng nvme || fail "load the machine's drivers"

# The interface with this hardware address, as $interface.
find_interface() {
  for path in /sys/class/net/*; do
    read -r has < "$path/address"
    interface=${path##*/}
    [ "$has" = "$1" ] && return
  done
  return 1
}

/run/busybox ip link set lo up
while read -r mac address gateway; do
  [ -n "$mac" ] || continue
  await find_interface "$mac"
  /run/busybox ip addr add "$address" dev "$interface" || fail "set $address on $interface"
  /run/busybox ip link set "$interface" up || fail "bring up $interface"
  [ -z "$gateway" ] || /run/busybox ip route add default via "$gateway" || fail "route over $gateway"
done <<END
$LAB_ADDRESSES
END

while read -r tag path; do
  [ -n "$tag" ] || continue
  mkdir -p "$path"
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none "$tag" "$path" || fail "mount $path"
done <<END
$LAB_SHARES
END

has_drive() {
  grep -qs "^$1 *\$" /sys/class/nvme/nvme*/serial
}
for serial in $LAB_SERIALS; do
  await has_drive "$serial"
done
# One namespace for each drive: a controller is seen before its namespace is.
has_namespaces() {
  [ "$(ls -d /sys/block/nvme*n1 2>/dev/null | wc -l)" -eq "$(echo $LAB_SERIALS | wc -w)" ]
}
await has_namespaces
# From here on the console tells what the kernel says: it was quiet for a fast boot.
/run/busybox dmesg -n 7
