using System.Collections.Concurrent;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Stands between the raw configuration (files, environment, command line) and the accepted one: a change passes as a whole, or not at all.
/// </summary>
/// <remarks>One check at a time; a change that comes during a check starts another. A file that is being written is looked at once it has been quiet.</remarks>
internal sealed partial class ConfigurationGate : IHostedService, IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly IConfigurationRoot _raw;
    private readonly AcceptedConfiguration _accepted;
    private readonly IConfigValidator _validator;
    private readonly ILogger<ConfigurationGate> _logger;
    private readonly ITimer _timer;
    private readonly bool _inCluster;
    private readonly SemaphoreSlim _turn = new(1);
    private IDisposable? _subscription;
    private readonly ConcurrentDictionary<FileConfigurationProvider, Unreadable> _unreadable = new();

    public ConfigurationGate(
        IConfigurationRoot raw, AcceptedConfiguration accepted, IConfigValidator validator, TimeProvider time, ILogger<ConfigurationGate> logger,
        ClusterSettings? cluster = null)
    {
        _inCluster = cluster is not null;
        _raw = raw;
        _accepted = accepted;
        _validator = validator;
        _logger = logger;
        _timer = time.CreateTimer(static gate => _ = ((ConfigurationGate)gate!).ConsiderAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var source in (raw as IConfigurationBuilder)?.Sources.OfType<JsonConfigurationSource>() ?? [])
        {
            source.OnLoadException = OnUnreadable;
        }
    }

    /// <summary>Lists every mistake in the sections that can change while the gateway runs.</summary>
    /// <param name="raw">The configuration.</param>
    /// <param name="validator">YARP's rules.</param>
    /// <param name="inCluster">Whether calls to ledgers go over a network.</param>
    public static async Task<List<string>> CheckAsync(IConfiguration raw, IConfigValidator validator, bool inCluster)
    {
        var errors = new List<string>();
        var (routes, clusters) = YarpConfiguration.Read(raw.GetSection(YarpConfiguration.SectionName), errors);
        await YarpConfiguration.CheckAsync(routes, clusters, validator, errors);
        var settings = SettingsReader.Read(raw.GetSection(SettingsReader.SectionName), clusters, inCluster, errors);
        RouteRules.Check(routes, settings, SettingsReader.SectionName, errors);
        TopSections.Check(raw, errors);
        return errors;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = ChangeToken.OnChange(_raw.GetReloadToken, LookSoon);

        // Whatever has changed since the copy in force was taken has told nobody: the silo starts in between.
        LookSoon();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        _timer.Dispose();
    }

    private void LookSoon() => _timer.Change(Quiet, Timeout.InfiniteTimeSpan);

    private async Task ConsiderAsync()
    {
        await _turn.WaitAsync();
        try
        {
            var errors = StillUnreadable();
            if (errors.Count == 0)
            {
                errors = await CheckAsync(_raw, _validator, _inCluster);
                RefuseToLoseEverything(errors);
            }

            if (errors.Count > 0)
            {
                LogRefused(AdmissionConfigurationException.Count(errors), AdmissionConfigurationException.Lines(errors));
            }
            else if (_accepted.Accept(_raw))
            {
                LogApplied();
            }
        }
        catch (Exception unexpected)
        {
            LogFailed(unexpected);
        }
        finally
        {
            _turn.Release();
        }
    }

    // A deleted file (some editors delete before they write) is not the wish to serve nothing, or everything at once.
    private void RefuseToLoseEverything(List<string> errors)
    {
        var clusters = $"{YarpConfiguration.SectionName}:Clusters";
        if (_accepted.Root.GetSection(clusters).Exists() && !_raw.GetSection(clusters).Exists())
        {
            errors.Add($"{clusters}: there are none any more. Restart the gateway if this is meant.");
        }

        // Without the section every limit would be gone. One that is there and empty is a wish.
        var admission = SettingsReader.SectionName;
        var given = _raw.GetSection(admission).GetChildren().Any(child => string.Equals(child.Key, "Backends", StringComparison.OrdinalIgnoreCase));
        if (_accepted.Root.GetSection($"{admission}:Backends").Exists() && !given)
        {
            errors.Add($"{admission}:Backends: there are none any more. Write \"Backends\": {{}} if requests are meant to pass without a limit.");
        }
    }

    // A file that cannot be read leaves nothing in the raw configuration. It is readable again once it has changed without a new complaint; a time stamp
    // alone does not show that, because the next write can fall into the same tick of the file system's clock.
    private List<string> StillUnreadable()
    {
        foreach (var (provider, found) in _unreadable)
        {
            if (LastModified(provider) != found.LastModified || provider.GetChildKeys([], null).Any())
            {
                _unreadable.TryRemove(KeyValuePair.Create(provider, found));
            }
        }

        return [.. _unreadable.Values.Select(found => found.Message)];
    }

    private void OnUnreadable(FileLoadExceptionContext context)
    {
        context.Ignore = true;
        var cause = context.Exception.InnerException ?? context.Exception;
        _unreadable[context.Provider] = new Unreadable($"{context.Provider.Source.Path}: {cause.Message}", LastModified(context.Provider));
    }

    private static DateTimeOffset? LastModified(FileConfigurationProvider provider) =>
        provider.Source.FileProvider?.GetFileInfo(provider.Source.Path ?? "").LastModified;

    private sealed record Unreadable(string Message, DateTimeOffset? LastModified);
}
