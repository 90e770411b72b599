using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Something that has an address: a grain, an observer, or a reference to one.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>The base of grain interfaces.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is text.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is an integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a GUID.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>The base of interfaces by which grains notify objects that are no grains. Delivery is best effort.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What every grain class has, whether it derives from <see cref="Grain"/> or not.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation's context.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Called before the first call is.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Called after the last call has ended.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>Makes references to grains and observers.</summary>
    public interface IGrainFactory
    {
        /// <summary>A reference to the grain with this key. Makes no call.</summary>
        TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithGuidKey;

        /// <summary>A reference to the grain with this key. Makes no call.</summary>
        TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithIntegerKey;

        /// <summary>A reference to the grain with this key. Makes no call.</summary>
        TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey;

        /// <summary>A reference to the grain with this identity.</summary>
        TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
            where TGrainInterface : IAddressable;

        /// <summary>A reference by which grains can call this object. The object is held weakly: keep it.</summary>
        TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver;

        /// <summary>Ends what <see cref="CreateObjectReference"/> made; takes the reference.</summary>
        void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver;
    }

    /// <summary>A client of the cluster. In a process that hosts a silo it is there too, and talks to that silo.</summary>
    public interface IClusterClient : IGrainFactory
    {
        /// <summary>The services of the process.</summary>
        IServiceProvider ServiceProvider { get; }
    }

    /// <summary>Checks a part of the configuration when the silo starts.</summary>
    public interface IConfigurationValidator
    {
        /// <summary>Throws <see cref="OrleansConfigurationException"/> when something is wrong.</summary>
        void ValidateConfiguration();
    }
}
