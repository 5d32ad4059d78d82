# A terminal without a screen: pty.pl COLUMNS ROWS COMMAND...
# Perl because every Debian has it (perl-base is essential), and only with what perl-base holds.
#
# Frames are one letter, a length (32 bit, network order) and that many bytes. In: `d` what is typed, `r` a new size
# ("columns rows"), `h` the line is cut; the end of stdin ends all. Out: `p` "pid slave" once, `o` what is on the
# screen, `x` "code signal" after the last of it.
use strict;
use warnings;
use Fcntl qw(O_RDWR O_NOCTTY O_NONBLOCK);
use POSIX qw(WNOHANG dup2 setpgid setsid tcgetpgrp tcsetpgrp);

# asm-generic/ioctls.h: the same on x86_64 and arm64.
use constant { TIOCSCTTY => 0x540E, TIOCSWINSZ => 0x5414, TIOCGPTN => 0x80045430, TIOCSPTLCK => 0x40045431 };

my ($columns, $rows, @command) = @ARGV;

# We lead the session, as a login shell does, and not the command: when a leader ends, the kernel resets the terminal,
# and nobody could see any more in which state the command left it.
setsid();
sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK) or die "/dev/ptmx: $!\n";
my $number = pack('i', 0);
ioctl($master, TIOCSPTLCK, $number) or die "unlock: $!\n";
ioctl($master, TIOCGPTN,   $number) or die "number: $!\n";
my $path = '/dev/pts/' . unpack('i', $number);
sysopen(my $slave, $path, O_RDWR | O_NOCTTY) or die "$path: $!\n";
ioctl($slave, TIOCSCTTY, 0) or die "controlling terminal: $!\n";
resize($columns, $rows);

# TTOU would stop whoever is in the background and hands over the foreground; HUP comes when we cut the line ourselves.
$SIG{TTOU} = $SIG{HUP} = 'IGNORE';

pipe(my $begun, my $begins) or die "pipe: $!\n";    # closed by exec, as all but the first three
my $pid = fork() // die "fork: $!\n";
if (!$pid) {
    setpgid(0, 0);
    tcsetpgrp(fileno($slave), $$);
    $SIG{TTOU} = $SIG{HUP} = 'DEFAULT';
    dup2(fileno($slave), $_) for 0 .. 2;
    { no warnings; exec { $command[0] } @command; }
    print STDERR "$command[0]: $!\n";
    POSIX::_exit(127);
}
close($begins);
sysread($begun, my $nothing, 1);    # what is sent to the command from now on finds it, not us on the way to it
frame('p', "$pid $path");

$SIG{CHLD} = sub { };    # only to interrupt select
my ($in, $typed, $status, $told) = ('', '', undef, 0);
while (1) {
    my ($readable, $writable) = ('', '');
    vec($readable, fileno(STDIN),   1) = 1;
    vec($readable, fileno($master), 1) = 1 if $master;
    vec($writable, fileno($master), 1) = 1 if $master && length $typed;
    # The tenth of a second is for a CHLD that comes just before select; none at all to see whether output is left.
    my $wait = $told ? undef : defined $status ? 0 : 0.1;
    my $ready = select($readable, $writable, undef, $wait);

    if ($ready > 0) {
        if ($master && vec($readable, fileno($master), 1)) {
            my $n = sysread($master, my $seen, 65536);
            frame('o', $seen) if $n;
        }
        if ($master && vec($writable, fileno($master), 1)) {
            my $n = syswrite($master, $typed, 4096);
            substr($typed, 0, $n, '') if $n;
        }
        if (vec($readable, fileno(STDIN), 1)) {
            my $n = sysread(STDIN, $in, 65536, length $in);
            last if !$n && !$!{EINTR};
            while (length $in >= 5) {
                my ($kind, $length) = unpack('aN', $in);
                last if length $in < 5 + $length;
                my $bytes = substr(substr($in, 0, 5 + $length, ''), 5);
                if    ($kind eq 'd') { $typed .= $bytes }
                elsif ($kind eq 'r') { resize(split / /, $bytes) }
                elsif ($kind eq 'h') { hangup() }
            }
        }
    }
    elsif ($ready == 0 && defined $status && !$told) {
        frame('x', ($status >> 8) . ' ' . ($status & 127));
        $told = 1;
    }
    $status = $? if !defined $status && waitpid($pid, WNOHANG) == $pid;
}

# Everything that was started at this terminal and did not leave it ends with it.
for my $file (glob '/proc/[0-9]*/stat') {
    open(my $stat, '<', $file) or next;
    my ($id, $session) = (<$stat> // '') =~ /^(\d+) \(.*\) \S+ \d+ \d+ (\d+)/s or next;
    kill KILL => $id if $session == $$ && $id != $$;
}

sub resize {
    my ($columns, $rows) = @_;
    ioctl($master, TIOCSWINSZ, pack('S4', $rows, $columns, 0, 0)) or die "size: $!\n" if $master;
}

# What happens when a terminal's window is closed: the kernel cuts the line, the shell passes SIGHUP on to its job.
sub hangup {
    return if !$master;
    my $foreground = tcgetpgrp(fileno($slave));
    close($master);
    close($slave);
    $master = undef;
    kill HUP => -$foreground if $foreground > 0 && !defined $status;
}

sub frame {
    my ($kind, $bytes) = @_;
    my $rest = pack('aN', $kind, length $bytes) . $bytes;
    while (length $rest) {
        my $n = syswrite(STDOUT, $rest);
        if ($n) { substr($rest, 0, $n, '') }
        elsif (!$!{EINTR}) { exit 1 }
    }
}
