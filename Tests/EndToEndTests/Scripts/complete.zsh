# complete.zsh SCRIPT LINE: prints what SCRIPT offers at the end of LINE, in a terminal of its own.
zmodload zsh/zpty
zpty inner zsh -f -i
read_until() { local text; while zpty -r -m inner text "*$1*"; do print -r -- "$text"; return; done }
zpty -w inner "PROMPT=; RPROMPT=; setopt no_beep list_ambiguous; autoload -Uz compinit; compinit -u -d $HOME/dump; source ${(q)1}"
zpty -w inner "zstyle ':completion:*' list-prompt ''; LISTMAX=0; COLUMNS=200; bindkey '^T' list-choices; print rea''dy"
read_until ready >/dev/null
zpty -w -n inner "$2"$'\C-t'
sleep 1
zpty -w -n inner $'\t'
sleep 0.5
zpty -w inner ''
zpty -w inner $'\C-u'"print en''d"
read_until end
zpty -d inner
