using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Admission.Cli.Run;

/// <summary>The command that runs, with this process's input, output and terminal.</summary>
internal sealed class ChildCommand : IDisposable
{
    private const int NotPermitted = 13;
    private const int NotFound = 2;
    private const int Terminate = 15;

    // SIGHUP, SIGINT, SIGQUIT, SIGTERM are the runtime's own numbers; SIGUSR1 and 2 are raw, as Linux has them.
    private static readonly (PosixSignal Signal, int Number, bool OfTerminal)[] Signals =
    [
        (PosixSignal.SIGHUP, 1, false), (PosixSignal.SIGINT, 2, true), (PosixSignal.SIGQUIT, 3, true), (PosixSignal.SIGTERM, Terminate, false), ((PosixSignal)10, 10, false), ((PosixSignal)12, 12, false),
    ];

    private readonly Process _process;
    private readonly List<PosixSignalRegistration> _registrations = [];

    private ChildCommand(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="lease">What it runs under.</param>
    /// <param name="hasTerminal">It shares a terminal, whose keys send it signals by themselves.</param>
    /// <param name="stopped">This process was told to end, perhaps before there was a command to tell.</param>
    /// <exception cref="CommandFailedException">It cannot be started.</exception>
    public static ChildCommand Start(IReadOnlyList<string> command, ProgramLease lease, bool hasTerminal, CancellationToken stopped)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false };
        start.Environment["ADMISSION_LEASE"] = lease.Id;
        start.Environment["ADMISSION_FENCE_EPOCH"] = lease.Epoch.ToString(CultureInfo.InvariantCulture);
        start.Environment["ADMISSION_FENCE_NUMBER"] = lease.Number.ToString(CultureInfo.InvariantCulture);
        var child = new ChildCommand(new Process { StartInfo = start });
        child.PassSignalsOn(hasTerminal);
        try
        {
            child._process.Start();
            if (stopped.IsCancellationRequested)
            {
                child.Send(Terminate);
            }

            return child;
        }
        catch (Win32Exception failed)
        {
            child.Dispose();
            throw new CommandFailedException(
                failed.NativeErrorCode == NotFound ? ExitCodes.CommandNotFound : ExitCodes.CommandNotStarted,
                $"'{command[0]}' cannot be started: {(failed.NativeErrorCode is NotFound ? "there is no such program" : failed.NativeErrorCode is NotPermitted ? "it may not be executed" : failed.Message)}.");
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code; as shells have it, 128 and the number of the signal that ended it.</returns>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Ends it and what it has started: asks them first, and kills those for which that takes too long.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        var from = time.GetTimestamp();
        var descendants = Descendants.Of(_process.Id);
        Send(Terminate);
        descendants.Send(Terminate);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(grace, time);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await descendants.EndAsync(grace - time.GetElapsedTime(from), time);
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int SendSignal(int process, int signal);

    private void PassSignalsOn(bool hasTerminal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var (signal, number, ofTerminal) in Signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (!ofTerminal || !hasTerminal)
                {
                    Send(number);
                }
            }));
        }
    }

    private void Send(int signal)
    {
        try
        {
            if (_process.HasExited)
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // Not started yet. It is told once it is.
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
        }
        else
        {
            // That it has ended meanwhile is no failure.
            _ = SendSignal(_process.Id, signal);
        }
    }
}
