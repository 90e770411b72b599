using Admission.Cli;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};
return AdmissionCommand.Run(args, Console.Out, Console.Error, TimeProvider.System, stop.Token);
