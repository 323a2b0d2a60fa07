# Undoes connect.sh.
nvme disconnect -n nvmet-test
