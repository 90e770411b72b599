// What a request costs that waits: memory of the process in which it does, and how soon thousands of them are through once there is room.
//   (nothing)                       measures, and starts all others
//   backend --urls http://...       the backend
using Admission.Bench;
using Admission.Parked;

if (args is ["backend", .. var rest])
{
    await GatedBackend.RunAsync(rest);
    return;
}

var found = await Rounds.MeasureAsync(ParkedPeer.All, Measurement.RunAsync);
Report.Of(found).Write();
