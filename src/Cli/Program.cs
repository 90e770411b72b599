using System.Runtime.InteropServices;
using Admission.Cli;
using Admission.Cli.Terminals;

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return AdmissionCommand.Run(args, new CommandContext(Console.Out, Console.Error, TimeProvider.System, stop.Token)
{
    Input = Console.IsInputRedirected ? null : Console.In,
    Terminal = ConsoleTerminal.Find(Environment.GetEnvironmentVariable("TERM")),
    OpenOutput = Console.OpenStandardOutput,
    Variable = Environment.GetEnvironmentVariable,
});

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
