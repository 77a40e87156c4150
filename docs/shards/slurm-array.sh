#!/bin/sh
#SBATCH --job-name=ghostbound
#SBATCH --array=1-8
#SBATCH --cpus-per-task=2
# sbatch slurm-array.sh; afterwards: ghostbound merge share-*.json
npx --yes ghostbound compare --policy @founding --runs 10000 --shard auto --out "share-$SLURM_ARRAY_TASK_ID.json"
