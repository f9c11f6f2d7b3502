# Writes parquet.json: files that PyArrow itself wrote, in base64. PyArrow 26.0.1, Pillow: python recordParquet.py > parquet.json
import pyarrow as pa, pyarrow.parquet as pq, json, io, base64
from PIL import Image
def png(v,mode='L',size=(3,2)):
    b=io.BytesIO(); Image.new(mode,size,v).save(b,'PNG'); return b.getvalue()
hf={'info':{'features':{'image':{'_type':'Image'},'label':{'names':['cat','dog','owl'],'_type':'ClassLabel'}}}}
def table(labels, values, hf=hf, image='image', label='label', ltype=pa.int64()):
    t=pa.table({image: pa.array([{'bytes':png(v),'path':f'{v}.png'} for v in values], type=pa.struct([('bytes',pa.binary()),('path',pa.string())])), label: pa.array(labels, type=ltype)})
    return t.replace_schema_metadata({'huggingface':json.dumps(hf)} if hf else {})
def write(t, **k):
    b=io.BytesIO(); pq.write_table(t,b,**k); return base64.b64encode(b.getvalue()).decode()
out={}
t=table([2,0,1,0],[1,2,3,4])
for c in ['snappy','gzip','none','zstd']: out[c]=write(t,compression=c)
out['v2pages']=write(t,data_page_version='2.0',row_group_size=2)
out['plain']=write(t,use_dictionary=False)
out['words']=write(table(['owl','cat','owl','cat'],[1,2,3,4],None,'img','label',pa.string()))
out['noLabel']=write(t.select(['image']))
out['null']=write(table([2,None,1,0],[1,2,3,4]))
print(json.dumps(out,indent=2))
