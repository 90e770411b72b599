using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Admission.Client.RateLimiting;

/// <summary>
/// The framework's partitioned rate limiter over several backends: the partition's key is the backend's id, and each partition is an <see cref="AdmissionRateLimiter"/>. Thread-safe.
/// </summary>
/// <remarks>
/// There are as many partitions as backends were used, at most those that are configured here: what is not configured is refused and leaves nothing behind. So nothing has to be swept, unlike with
/// <see cref="PartitionedRateLimiter.Create{TResource, TPartitionKey}"/>, where keys may come from outside. Both work with these limiters.
/// </remarks>
/// <typeparam name="TResource">What is asked with.</typeparam>
public sealed class AdmissionPartitionedRateLimiter<TResource> : PartitionedRateLimiter<TResource>
{
    private readonly ConcurrentDictionary<string, AdmissionRateLimiter> _limiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly AdmissionClient _client;
    private readonly Func<TResource, string> _backendOf;
    private readonly Func<string, AdmissionRateLimiterOptions?>? _optionsOf;
    private volatile bool _disposed;

    /// <summary>Creates a limiter.</summary>
    /// <param name="client">This process's client.</param>
    /// <param name="backendOf">Says which backend a resource is of; letter case does not matter.</param>
    /// <param name="optionsOf">Says the settings of a backend's partition; null for the defaults.</param>
    public AdmissionPartitionedRateLimiter(AdmissionClient client, Func<TResource, string> backendOf, Func<string, AdmissionRateLimiterOptions?>? optionsOf = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(backendOf);
        _client = client;
        _backendOf = backendOf;
        _optionsOf = optionsOf;
    }

    /// <inheritdoc/>
    public override RateLimiterStatistics? GetStatistics(TResource resource) => Of(resource)?.GetStatistics();

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount) =>
        Of(resource)?.AttemptAcquire(permitCount) ?? RefusedLease.Of(AdmissionClient.UnknownBackend);

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(TResource resource, int permitCount, CancellationToken cancellationToken) =>
        Of(resource)?.AcquireAsync(permitCount, cancellationToken) ?? new ValueTask<RateLimitLease>(RefusedLease.Of(AdmissionClient.UnknownBackend));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var limiter in _limiters.Values)
        {
            limiter.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(disposing: true);
        return default;
    }

    private AdmissionRateLimiter? Of(TResource resource)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var backend = _backendOf(resource);
        if (_limiters.TryGetValue(backend, out var limiter))
        {
            return limiter;
        }

        if (_client.HolderOf(backend) is null)
        {
            return null;
        }

        var made = new AdmissionRateLimiter(_client, backend, _optionsOf?.Invoke(backend));
        limiter = _limiters.GetOrAdd(backend, made);
        if (!ReferenceEquals(limiter, made))
        {
            made.Dispose();
        }

        return limiter;
    }
}
