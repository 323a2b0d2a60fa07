#!/bin/busybox sh
# The first program of a lab machine, in its initial ram disk. The machine's root becomes the host's own root,
# read-only, under a layer in memory; then busybox init takes over there.
export PATH=/bin
/bin/busybox --install -s /bin

fail() {
  echo "lab: cannot $1"
  poweroff -f
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in /modules/*.ko; do
  insmod "$module" || fail "load $module"
done

nine=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "$nine,cache=none" lab /lab || fail "mount the machine's own folder"
. /lab/machine.env
mount -t 9p -o "$nine,ro,cache=loose" host /host || fail "mount the host's root"
mount -t tmpfs layer /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /newroot || fail "lay the root"

mount -t tmpfs run /newroot/run
mkdir /newroot/run/lab
mount --move /lab /newroot/run/lab
for path in $LAB_HIDDEN; do
  rm -rf "/newroot$path"
done
mkdir -p /newroot/lib/modules
mount --bind "/host$LAB_MODULES" /newroot/lib/modules || fail "bind the kernel's modules"
cp /bin/busybox /newroot/run/busybox
cat > /newroot/etc/inittab <<END
::sysinit:/bin/sh $LAB_GUEST/setup.sh
::respawn:/bin/sh $LAB_GUEST/commands.sh
END

for path in proc sys dev; do
  mount --move "/$path" "/newroot/$path"
done
# A chroot would not do: the kernel's own module loading looks in the first root.
exec switch_root /newroot /run/busybox init
