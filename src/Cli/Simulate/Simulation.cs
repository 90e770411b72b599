using Admission.Simulator;

namespace Admission.Cli.Simulate;

/// <summary>Runs a plan and prints what it has shown.</summary>
internal static class Simulation
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(SimulatePlan plan, TextWriter output, TextWriter errors, TimeProvider time, CancellationToken stop)
    {
        var report = Replay(plan, time, stop);
        if (plan.Plot is { } file && !TryWritePlot(file, report, errors))
        {
            return ExitCodes.Mistaken;
        }

        if (plan.Json)
        {
            JsonReport.Write(report, output);
        }
        else
        {
            new TextReport(output).Write(report);
        }

        return 0;
    }

    private static SimulationReport Replay(SimulatePlan plan, TimeProvider time, CancellationToken stop)
    {
        var backends = plan.Backends.Select(backend => new BackendReport(backend.Id, BackendReplay.Run(plan.Options(backend), backend.Arrivals, stop))).ToArray();
        var sizing = plan.ClusterBackends is null ? null : SizingRun.Measure(plan.Options(plan.Backends[0]), plan.Load!, time, stop);
        return new SimulationReport
        {
            Backends = backends,
            Notes = plan.Notes,
            Sizing = sizing,
            Cluster = sizing is null ? null : ClusterSize.Of(plan, sizing),
        };
    }

    private static bool TryWritePlot(string file, SimulationReport report, TextWriter errors)
    {
        try
        {
            File.WriteAllText(file, ReplayPlot.Svg(report.Backends));
            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"--plot {file}: {unwritable.Message}");
            return false;
        }
    }
}
