# Writes at random and verifies what it wrote with fio, round after round, until the file DIRECTORY/stop is there; then verifies
# the last round once more. Usage: fio-rounds.sh DEVICE DIRECTORY
set -e
mkdir -p "$2"
cd "$2"
round() {
  # Last in line for the processor: what is under test is the path, not the machine's power.
  nice -n 19 fio --name=volume --filename="$device" --allow_file_create=0 --direct=1 --ioengine=libaio --iodepth=4 \
    --rw=randwrite --bs=4k --size=4m --verify=crc32c --verify_fatal=1 --randseed="$number" --randrepeat=0 \
    --verify_state_save=0 --rate_iops=200 --eta=never "$@"
}
device=$1
number=0
while [ ! -e stop ]; do
  number=$((number + 1))
  round --verify_backlog=64
  echo "round $number verified"
done
round --verify_only
echo "all verified after $number rounds"
