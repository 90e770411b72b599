using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Admission.Capacity;
using Admission.Client.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Admission.Client;

/// <summary>
/// Asks for permits on behalf of this process, which is one holder of every backend that it has configured. Thread-safe.
/// </summary>
/// <remarks>
/// While the pool of a backend has an idle permit, admission is decided in memory, without a message and without an allocation.
/// </remarks>
public sealed partial class AdmissionClient : IAsyncDisposable
{
    private static readonly AdmissionOutcome Unknown = new(null, new PoolResult(PoolAnswer.Refused, new Refusal(RefusalReason.UnknownBackend, default)), TimeSpan.Zero);

    private readonly ConcurrentDictionary<string, BackendHolder> _backends = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<BackendHolder, bool> _leaving = new();
    private readonly IGrainFactory _grains;
    private readonly AdmissionClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<AdmissionClient> _logger;
    private readonly ClientMetrics _metrics;
    private int _holders;

    /// <summary>Creates a client; usually through <see cref="Microsoft.Extensions.DependencyInjection.AdmissionClientExtensions"/>.</summary>
    /// <param name="grains">Where the capacity grains are.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meters">The host's meters; null for one of the client's own.</param>
    public AdmissionClient(
        IGrainFactory grains, IOptions<AdmissionClientOptions> options, TimeProvider time, ILogger<AdmissionClient> logger, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _grains = grains;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _metrics = new ClientMetrics(meters, () => _backends.Values);
        Holder = $"{_options.HolderName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }

    /// <summary>This process's name among the holders; unique.</summary>
    public string Holder { get; }

    /// <summary>What requests to a backend that is not configured are refused with.</summary>
    internal static Refusal UnknownBackend => Unknown.Refusal!;

    /// <summary>The clock.</summary>
    internal TimeProvider Time => _time;

    /// <summary>The backends that are configured.</summary>
    public IReadOnlyCollection<string> Backends => [.. _backends.Keys.Where(backend => !CapacityGrainKey.IsShadow(backend))];

    /// <summary>Adds a backend, or changes its policy. If the ledger cannot be reached, the policy is delivered as soon as it can.</summary>
    /// <param name="backend">The backend's id; letter case does not matter.</param>
    /// <param name="policy">The whole policy.</param>
    /// <param name="cancellation">Ends the wait for the ledger's answer; the delivery goes on.</param>
    /// <returns>The version in force (0 if the ledger could not be reached yet), or every reason why the policy is refused.</returns>
    /// <exception cref="ArgumentException">The id is one under which policies are decided in shadow (<see cref="CapacityGrainKey.IsShadow"/>).</exception>
    public async Task<PolicyAnswer> ConfigureAsync(string backend, BackendPolicy policy, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(backend);
        ArgumentNullException.ThrowIfNull(policy);
        if (CapacityGrainKey.IsShadow(backend))
        {
            throw new ArgumentException($"'{backend}' is an id under which a policy is decided in shadow. Give the backend another, or call ConfigureShadowAsync with its own.", nameof(backend));
        }

        var errors = BackendPolicyRules.Validate(policy);
        return errors.Count > 0 ? new PolicyAnswer(0, [.. errors]) : await HolderOf(backend, policy).ApplyPolicyAsync(policy).WaitAsync(cancellation);
    }

    /// <summary>Forgets a backend: what waits is refused, and its permits go back as they are released.</summary>
    /// <param name="backend">The backend's id.</param>
    public void Remove(string backend)
    {
        if (_backends.TryRemove(backend, out var holder))
        {
            _leaving[holder] = true;
            _ = LeaveAsync(holder);
        }
    }

    /// <summary>Asks for a permit.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="request">What is asked; <c>default</c> for one permit at normal priority.</param>
    /// <param name="cancellation">The client has left: the ticket is given up.</param>
    /// <returns>A permit to dispose, or a refusal with its reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    /// <exception cref="OperationCanceledException">The client left before the decision.</exception>
    public ValueTask<AdmissionOutcome> AcquireAsync(string backend, AdmissionRequest request = default, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder)
            ? holder.AcquireAsync(request, cancellation)
            : new ValueTask<AdmissionOutcome>(Unknown);

    /// <summary>Finds a backend, for who asks often: saves looking it up by name each time.</summary>
    /// <param name="backend">The backend's id; letter case does not matter.</param>
    /// <returns>The backend, or null if it is not configured here.</returns>
    public AdmissionBackend? Find(string backend) => _backends.TryGetValue(backend, out var holder) ? holder.Handle : null;

    /// <summary>What holds a backend's permits; null if it is not configured.</summary>
    internal BackendHolder? HolderOf(string backend) => _backends.GetValueOrDefault(backend);

    /// <summary>Asks the ledger how a backend stands.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The description, or null if the backend is not configured here.</returns>
    public async Task<BackendDescription?> DescribeAsync(string backend, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.DescribeAsync().WaitAsync(cancellation) : null;

    /// <summary>Explains one request that was refused, has waited long, or waits, in whichever process of the cluster.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="ticket">The request.</param>
    /// <param name="cancellation">Ends the wait for the ledger.</param>
    /// <returns>What the ledger knows, or this process; null if the backend is not configured here.</returns>
    public async Task<TicketExplanation?> ExplainAsync(string backend, TicketId ticket, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.ExplainAsync(ticket, cancellation) : null;

    /// <summary>Asks the ledger for its last refusals and long waits.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="query">Which of them; null for the newest 50.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The decisions, or null if the backend is not configured here.</returns>
    public async Task<DecisionPage?> DecisionsAsync(string backend, DecisionQuery? query = null, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.DecisionsAsync(query ?? new DecisionQuery()).WaitAsync(cancellation) : null;

    /// <summary>Says how this process stands with a backend: what it holds, and whether the ledger answers. Asks nobody.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <returns>The state, or null if the backend is not configured here.</returns>
    public PoolState? StateOf(string backend) => _backends.TryGetValue(backend, out var holder) ? holder.State : null;

    /// <summary>
    /// Shuts down in good order: refuses what waits and what comes, waits for permits in use, and gives every permit back.
    /// </summary>
    /// <param name="cancellation">Ends the wait; permits still in use then stay booked until lease and quarantine have run out.</param>
    /// <returns>A task that ends when all is given back.</returns>
    public async Task StopAsync(CancellationToken cancellation)
    {
        var shadows = LeaveShadowsAsync(cancellation);
        await Task.WhenAll(_backends.Values.Concat(_leaving.Keys).Where(holder => holder.Shadow is null).Select(holder => holder.LeaveAsync(cancellation)));
        await shadows;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        StopShadows();
        foreach (var holder in _backends.Values.Concat(_leaving.Keys))
        {
            await holder.DisposeAsync();
        }

        _backends.Clear();
        _metrics.Dispose();
    }

    private BackendHolder HolderOf(string backend, BackendPolicy policy)
    {
        var key = backend.ToLowerInvariant();
        lock (_backends)
        {
            if (!_backends.TryGetValue(key, out var holder))
            {
                // A name of its own, because the holder before it may still be leaving with permits in use.
                holder = new BackendHolder(key, $"{Holder}-{++_holders}", policy, _grains, _options, _time, _logger, _metrics);
                _backends[key] = holder;
            }

            return holder;
        }
    }

    private async Task LeaveAsync(BackendHolder holder)
    {
        await holder.LeaveAsync(CancellationToken.None);
        await holder.DisposeAsync();
        _leaving.TryRemove(holder, out _);
    }
}
