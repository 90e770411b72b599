using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Fallback.References;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>The activations of this silo, one for each grain at most.</summary>
internal sealed partial class Catalog(
    GrainTypeMap types,
    GrainActivator activator,
    IRequestRouter router,
    Lazy<ReferenceFactory> references,
    IServiceProvider services,
    TimeProvider time,
    IOptions<GrainCollectionOptions> collection,
    NetworkSwitch networked,
    Lazy<GrainClaims?> claims,
    ILogger<Catalog> log)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private volatile bool _refusing;

    public GrainActivator Activator => activator;

    public IRequestRouter Router => router;

    public ReferenceFactory References => references.Value;

    public IServiceProvider Services => services;

    public TimeProvider Time => time;

    public ILogger Log => log;

    /// <summary>Asks the other silos for their activations; null where there are no other silos.</summary>
    public GrainClaims? Claims { get; } = networked.IsOn ? claims.Value : null;

    public TimeSpan DeactivationTimeout => collection.Value.DeactivationTimeout;

    /// <summary>Gives a request to the grain's activation, and makes one if there is none.</summary>
    public void Dispatch(Request request)
    {
        var work = new RequestWork(request);
        while (true)
        {
            if (!_activations.TryGetValue(request.Target, out var activation))
            {
                if (_refusing && Claims?.IsElsewhere(request.Target) == true)
                {
                    work.Forward(router);
                    return;
                }

                if (_refusing)
                {
                    work.Refuse(new SiloUnavailableException($"The silo is shutting down and makes no new activation, so {request.Method} to {request.Target} was not delivered."));
                    return;
                }

                // The first request is in it before it starts, so that a failed activation is this request's failure.
                var created = new Activation(this, types[request.Target.Type], request.Target);
                _ = created.TryEnqueue(work);
                activation = _activations.GetOrAdd(request.Target, created);
                if (ReferenceEquals(activation, created))
                {
                    activation.Start();
                    return;
                }
            }

            if (activation.TryEnqueue(work))
            {
                return;
            }
        }
    }

    /// <summary>Ends the activation of a grain, if there is one, and waits for its end.</summary>
    public async Task ReleaseAsync(GrainId grain, DeactivationReason reason)
    {
        if (_activations.TryGetValue(grain, out var activation))
        {
            activation.Deactivate(reason);
            await activation.Deactivated;
        }
    }

    public void Remove(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    /// <summary>Deactivates what is idle.</summary>
    public void CollectIdle()
    {
        foreach (var activation in _activations.Values)
        {
            var age = collection.Value.ClassSpecificCollectionAge.TryGetValue(activation.Class.Type.FullName!, out var specific)
                ? specific
                : collection.Value.CollectionAge;
            activation.CollectIfIdle(age);
        }
    }

    /// <summary>Deactivates what has its place on another silo by the view of now.</summary>
    public void MoveAway()
    {
        foreach (var activation in _activations.Values)
        {
            if (Claims?.IsElsewhere(activation.GrainId) == true)
            {
                activation.Deactivate(new(DeactivationReasonCode.Migrating, "Another silo owns the grain."));
            }
        }
    }

    /// <summary>Deactivates everything, and makes nothing new.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _refusing = true;
        try
        {
            // Who checked before and adds after is found by the next look.
            while (!_activations.IsEmpty)
            {
                await Task.WhenAll(_activations.Values.Select(activation =>
                {
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is shutting down."), cancellationToken);
                    return activation.Deactivated;
                })).WaitAsync(DeactivationTimeout + TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            LogNotEnded(_activations.Count, string.Join(", ", _activations.Keys.Take(10)));
        }
    }

    [LoggerMessage(9121, LogLevel.Warning, "The silo stops although {Count} grains have not ended in time, among them {Grains}")]
    private partial void LogNotEnded(int count, string grains);
}
