# complete.fish SCRIPT LINE: prints what SCRIPT offers at the end of LINE.
source $argv[1]
complete -C $argv[2]
