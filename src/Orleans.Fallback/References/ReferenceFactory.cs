using Orleans.Fallback.Engine;
using Orleans.Runtime;

namespace Orleans.Fallback.References;

/// <summary>Makes references; the grain factory of grains and clients.</summary>
internal sealed class ReferenceFactory(Caller caller, GrainTypeMap types, ObserverRegistry observers, IServiceProvider services)
    : IClusterClient
{
    public IServiceProvider ServiceProvider => services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        GetGrain<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        GetGrain<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return GetGrain<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)Create(typeof(TGrainInterface), grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        return obj switch
        {
            GrainProxy => throw new ArgumentException("Argument obj is already a grain reference.", nameof(obj)),
            IGrainBase => throw new ArgumentException("Argument must not be a grain class.", nameof(obj)),
            TGrainObserverInterface => GetGrain<TGrainObserverInterface>(observers.Register(obj)),
            _ => throw new ArgumentException($"{obj.GetType()} does not implement {typeof(TGrainObserverInterface)}.", nameof(obj)),
        };
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainProxy proxy || !ObserverRegistry.IsObserver(proxy.Reference.GrainId))
        {
            throw new ArgumentException("Argument obj is not a reference that CreateObjectReference made.", nameof(obj));
        }

        observers.Unregister(proxy.Reference.GrainId);
    }

    /// <summary>A reference to a grain or observer.</summary>
    public object Create(Type interfaceType, GrainId grainId)
    {
        if (!interfaceType.IsInterface)
        {
            throw new ArgumentException($"{interfaceType} is not an interface.", nameof(interfaceType));
        }

        return GrainProxy.Create(interfaceType, CreateUntyped(grainId, interfaceType), caller);
    }

    /// <summary>A reference that is not a proxy.</summary>
    public GrainReference CreateUntyped(GrainId grainId, Type? interfaceType = null) =>
        new(this, grainId, interfaceType is null ? default : GrainReference.InterfaceOf(interfaceType));

    private TGrainInterface GetGrain<TGrainInterface>(IdSpan key, string? prefix) =>
        (TGrainInterface)Create(typeof(TGrainInterface), new GrainId(types.Resolve(typeof(TGrainInterface), prefix), key));
}
