using Admission.Capacity;
using Admission.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Handover;

/// <summary>Admission's client in a process of its own, as in a gateway that has joined a cluster.</summary>
internal sealed class AdmissionSemaphore : ISemaphore
{
    private static readonly BackendPolicy OneAtATime = new() { Limit = 1, Overflow = Overflow.Wait };

    private readonly IHost _host;
    private readonly AdmissionClient _client;
    private readonly INoOpGrain[] _calls;
    private readonly AdmittedPermit[] _permits;

    private AdmissionSemaphore(IHost host, int lanes)
    {
        _host = host;
        _client = host.Services.GetRequiredService<AdmissionClient>();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        _calls = [.. Enumerable.Range(0, lanes).Select(lane => grains.GetGrain<INoOpGrain>(Name(lane)))];
        _permits = new AdmittedPermit[lanes];
    }

    public static async Task<AdmissionSemaphore> ConnectAsync(int port, int lanes)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(port));
        builder.Services.AddAdmissionClient();
        var semaphore = new AdmissionSemaphore(builder.Build(), lanes);
        await semaphore._host.StartAsync();
        for (var lane = 0; lane < lanes; lane++)
        {
            var answer = await semaphore._client.ConfigureAsync(Name(lane), OneAtATime);
            if (answer.Errors.Length > 0)
            {
                throw new InvalidOperationException($"The policy was not taken: {string.Join(" ", answer.Errors)}");
            }
        }

        return semaphore;
    }

    public async Task AcquireAsync(int lane)
    {
        var outcome = await _client.AcquireAsync(Name(lane));
        _permits[lane] = outcome.IsAdmitted ? outcome.Permit : throw new InvalidOperationException($"Refused: {outcome.Refusal!.Reason}.");
    }

    public ValueTask ReleaseAsync(int lane)
    {
        _permits[lane].Dispose();
        return ValueTask.CompletedTask;
    }

    public Task CallAsync(int lane) => _calls[lane].CallAsync();

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _client.StopAsync(limit.Token);
        await _host.StopAsync(limit.Token);
        _host.Dispose();
    }

    private static string Name(int lane) => $"lane{lane}";
}
