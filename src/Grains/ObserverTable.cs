using Admission.Capacity;

namespace Admission.Grains;

/// <summary>Where to push to, by holder. Bounded by the number of holders: who has not reported for longest is forgotten first.</summary>
internal sealed class ObserverTable
{
    private readonly Dictionary<string, LinkedListNode<(string Holder, ICapacityObserver Observer)>> _byHolder = [];
    private readonly LinkedList<(string Holder, ICapacityObserver Observer)> _byAge = new();

    public ICapacityObserver? Find(string holder) => _byHolder.TryGetValue(holder, out var node) ? node.Value.Observer : null;

    /// <summary>Keeps the observer of a report, and so many others as there are holders.</summary>
    public void Set(string holder, ICapacityObserver observer, int holders)
    {
        if (_byHolder.TryGetValue(holder, out var node))
        {
            node.Value = (holder, observer);
            _byAge.Remove(node);
            _byAge.AddLast(node);
        }
        else
        {
            _byHolder.Add(holder, _byAge.AddLast((holder, observer)));
        }

        while (_byHolder.Count > holders + 1)
        {
            _byHolder.Remove(_byAge.First!.Value.Holder);
            _byAge.RemoveFirst();
        }
    }
}
