// What a request costs that waits: memory of the process in which it does, and how soon thousands of them are through once there is room.
//   (nothing)                       measures, and starts all others
//   NAME                            measures the peer of that name alone, and prints
//   backend --urls http://...       the backend
using Admission.Bench;
using Admission.Parked;

if (args is ["backend", .. var rest])
{
    await GatedBackend.RunAsync(rest);
    return;
}

if (args is [var name])
{
    _ = await Rounds.MeasureAsync([.. ParkedPeer.All.Where(peer => peer.Name == name)], Measurement.RunAsync);
    return;
}

var found = await Rounds.MeasureAsync(ParkedPeer.All, Measurement.RunAsync);
Report.Of(found).Write();
