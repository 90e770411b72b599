using System.Net;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Admission.Frontend.Discovery;

/// <summary>
/// Makes a destination of each address of a name, such as a headless Service's of Kubernetes, and follows them: <c>"Metadata": { "Admission.Resolve": "Dns" }</c>.
/// </summary>
/// <remarks>
/// YARP has a resolver of its own, which fails the whole configuration when a name has no address, asks every five minutes, and tells YARP each time; so a Deployment could not be
/// scaled to zero. Here a name without an address is a cluster without a destination, a DNS server that does not answer changes nothing, and YARP hears of changes only.
/// While it has never answered, nobody knows whether there are destinations: the cluster has one that says so (<see cref="Resolving.NotKnownKey"/>), and its policy goes to no ledger.
/// A destination that has gone gets no new permits as soon as its ledger knows (some 50 ms later); what runs there ends by itself.
/// </remarks>
internal sealed partial class DnsDestinations(IHostAddresses addresses, IEnumerable<IProxyConfigProvider> configurations, TimeProvider time, ILogger<DnsDestinations> logger) : IDestinationResolver, IConfigChangeListener, IDisposable
{
    /// <summary>So many addresses stand in a line of the log.</summary>
    private const int MostToName = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WatchedHost> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        if (!destinations.Values.Any(Resolving.IsWanted))
        {
            return new ResolvedDestinationCollection(destinations, null);
        }

        var found = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            if (Resolving.Read(destination, out _) is not { } resolving)
            {
                found[name] = destination;
                continue;
            }

            var address = new Uri(destination.Address, UriKind.Absolute);
            var (known, change) = await Watch(address.Host).ReadAsync(resolving.Every, cancellationToken);
            changes.Add(change);
            if (known is null)
            {
                found[name] = NotKnown(destination, address);
            }

            foreach (var each in known ?? [])
            {
                found[$"{name}-{each}"] = At(each, destination, address);
            }
        }

        return new ResolvedDestinationCollection(found, new CompositeChangeToken(changes));
    }

    /// <summary>Forgets the names that the configuration in force has no more.</summary>
    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        var inForce = proxyConfigs.SelectMany(config => config.Clusters ?? []).SelectMany(cluster => cluster.Destinations?.Values ?? [])
            .Select(destination => destination.Metadata?.GetValueOrDefault(Resolving.FoundByKey)).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);

        // A name without an address has no destination by which the configuration in force could name it; what was written does.
        inForce.UnionWith(configurations.SelectMany(provider => provider.GetConfig().Clusters).SelectMany(cluster => cluster.Destinations?.Values ?? [])
            .Where(destination => Resolving.Read(destination, out _) is not null).Select(destination => new Uri(destination.Address, UriKind.Absolute).Host));
        lock (_gate)
        {
            foreach (var (host, watched) in _hosts.Where(entry => !entry.Value.IsAsked && !inForce.Contains(entry.Key)).ToList())
            {
                watched.Dispose();
                _hosts.Remove(host);
            }

            foreach (var watched in _hosts.Values)
            {
                watched.IsAsked = false;
            }
        }
    }

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var watched in _hosts.Values)
            {
                watched.Dispose();
            }

            _hosts.Clear();
        }
    }

    private static DestinationConfig At(IPAddress address, DestinationConfig destination, Uri uri) => destination with
    {
        Address = Replace(uri, address),
        Health = Uri.TryCreate(destination.Health, UriKind.Absolute, out var health) ? Replace(health, address) : destination.Health,

        // As if it had been asked by its name: for virtual hosts, and for the name in a certificate.
        // The dot that keeps a resolver from its search list is no part of it.
        Host = destination.Host ?? (uri.Host.EndsWith('.') ? new UriBuilder(uri) { Host = uri.Host.TrimEnd('.') }.Uri : uri).Authority,
        Metadata = new Dictionary<string, string>(destination.Metadata!, StringComparer.OrdinalIgnoreCase) { [Resolving.FoundByKey] = uri.Host },
    };

    /// <summary>In the place of what nobody knows yet.</summary>
    private static DestinationConfig NotKnown(DestinationConfig destination, Uri uri) => destination with
    {
        Metadata = new Dictionary<string, string>(destination.Metadata!, StringComparer.OrdinalIgnoreCase) { [Resolving.FoundByKey] = uri.Host, [Resolving.NotKnownKey] = uri.Host },
    };

    private static string Replace(Uri uri, IPAddress address) => new UriBuilder(uri) { Host = address.ToString() }.Uri.ToString();

    private WatchedHost Watch(string host)
    {
        lock (_gate)
        {
            if (!_hosts.TryGetValue(host, out var watched))
            {
                watched = new WatchedHost(host, addresses, time, Changed, Failed, Answered);
                _hosts.Add(host, watched);
            }

            watched.IsAsked = true;
            return watched;
        }
    }

    private void Changed(WatchedHost watched, IReadOnlyList<IPAddress> found)
    {
        if (found.Count == 0)
        {
            LogNone(watched.Host);
        }
        else
        {
            LogFound(watched.Host, found.Count, found.Count > MostToName ? $"{string.Join(", ", found.Take(MostToName))}, and others" : string.Join(", ", found));
        }
    }

    private void Failed(WatchedHost watched, Exception failure)
    {
        if (!watched.IsSilent)
        {
            LogSilent(watched.Host, failure.Message);
        }
    }

    private void Answered(WatchedHost watched) => LogAnswered(watched.Host);

    [LoggerMessage(2270, LogLevel.Information, "{Host} has {Count} addresses, each of which is a destination: {Addresses}.")]
    private partial void LogFound(string host, int count, string addresses);

    [LoggerMessage(2271, LogLevel.Warning, "{Host} has no address, so its backend has no destination. That is as it should be if it was scaled to zero; else look at the name.")]
    private partial void LogNone(string host);

    [LoggerMessage(2272, LogLevel.Warning, "DNS does not answer for {Host} ({Reason}). The destinations stay as they are, and it is asked again and again.")]
    private partial void LogSilent(string host, string reason);

    [LoggerMessage(2280, LogLevel.Information, "DNS answers for {Host} again.")]
    private partial void LogAnswered(string host);
}
