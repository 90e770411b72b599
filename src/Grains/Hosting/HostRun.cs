using Admission.Grains.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Admission.Grains.Hosting;

/// <summary>The life of a host that has been put together, and the exit code of its process.</summary>
internal static class HostRun
{
    /// <summary>The exit code of a process that had to stop by itself. Whoever supervises it starts it again.</summary>
    public const int GaveUp = 1;

    /// <summary>Starts the host, and waits until it was told to stop or has given up.</summary>
    /// <param name="host">The host.</param>
    /// <param name="banner">What to say once it is up.</param>
    /// <param name="output">Takes the banner.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="stop">Stops it too.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ToEndAsync(IHost host, Func<string> banner, TextWriter output, TextWriter errors, CancellationToken stop)
    {
        try
        {
            await host.StartAsync(CancellationToken.None);
            await output.WriteLineAsync(banner());
            await host.WaitForShutdownAsync(stop);
        }
        catch (OperationCanceledException) when (host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while it was starting.
            await host.StopAsync(CancellationToken.None);
        }

        return host.Services.GetService<ClusterStart>()?.Failure switch
        {
            null => Environment.ExitCode,
            ClusterStartException useless => await ProcessDefaults.FailAsync(errors, [useless.Message]),
            _ => GaveUp, // the log has it
        };
    }
}
